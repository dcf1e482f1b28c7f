"""What has more than one form, or is read differently by different parsers, is refused."""

import pytest

from domain.journal.json_objects import parse_object


def test_texts_integers_and_null_are_read() -> None:
    text = '{"a":"zwölf","b":-9007199254740991,"c":null,"d":{"e":[1]}}'.encode()
    assert parse_object(text) == {"a": "zwölf", "b": -(2**53) + 1, "c": None, "d": {"e": [1]}}


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[1]",
        b"{} {}",
        b"\xff",
        b'{"a":1,"a":1}',
        b'{"a":{"b":1,"b":2}}',
        b'{"a":1.0}',
        b'{"a":1e3}',
        b'{"a":-0}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":9007199254740992}',
        b'{"a":' + b"9" * 5_000 + b"}",
        b'{"a":' + b"[" * 100_000,
    ],
    ids=range(14),
)
def test_object_with_more_than_one_form_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"^(it|a|Exp|Extra|'utf-8'|1|NaN|Inf)"):
        parse_object(text)
