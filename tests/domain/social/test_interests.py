import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.social.interests import (
    FIRST_PAGE,
    Interest,
    SharedInterestCursor,
    format_interest_cursor,
    parse_interest_cursor,
)


def test_there_are_thirty_five() -> None:
    assert len(Interest) == 35
    assert {Interest("ai"), Interest("creator_economy"), Interest("other")} <= set(Interest)


@given(st.integers(1, 35), st.from_regex(r"[A-Za-z0-9_]{3,30}", fullmatch=True))
def test_written_place_reads_back(shared: int, username: str) -> None:
    place = SharedInterestCursor(shared, username)

    assert parse_interest_cursor(format_interest_cursor(place)) == place


def test_first_page_cursor_is_before_every_user() -> None:
    assert len(Interest) < FIRST_PAGE.shared


@pytest.mark.parametrize("text", ["", "garbage", "1-", "-ann", "1-an", "100-ann", "1-ann b", "1-' OR 1=1"])
def test_anything_else_is_no_place(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_interest_cursor(text)
