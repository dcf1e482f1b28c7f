"""A limit in a setting is a count, a slash and seconds."""

import pytest

from config.rates import Rate, parse_rate


@pytest.mark.parametrize("written", ["1/1", "100/60", "20/86400"])
def test_rate_is_written_as_it_is_read(written: str) -> None:
    assert str(parse_rate(written)) == written


def test_rate_is_count_and_seconds() -> None:
    assert parse_rate("100/60") == Rate(100, 60)


@pytest.mark.parametrize(
    "written", ["", "100", "100/", "/60", "0/60", "100/0", "-1/60", "1.5/60", "100/60/60", "100 / 60"]
)
def test_anything_else_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="such as 100/60"):
        parse_rate(written)
