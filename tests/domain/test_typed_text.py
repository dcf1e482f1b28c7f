"""One form for texts that are the same to a reader, and nothing that misleads one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.typed_text import compose, find_unpaired_bidi, join_code, remove_unpaired_bidi, unify_newlines

BIDI = st.text(st.sampled_from("ab\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))


def test_accent_is_one_character() -> None:
    assert compose("e\u0301") == "\u00e9"


@pytest.mark.parametrize("typed", ["a\nb", "a\r\nb", "a\rb"])
def test_end_of_a_line_is_one_character(typed: str) -> None:
    assert unify_newlines(typed) == "a\nb"


def test_two_ends_of_a_line_stay_two() -> None:
    assert unify_newlines("a\r\n\r\rb") == "a\n\n\nb"


@pytest.mark.parametrize(
    "typed", ["AB-CD", " AB CD ", "A\u2013B\u2212C\u3000D", "\uff21\uff22\uff23\uff24", "AB\r\nCD"]
)
def test_code_is_joined(typed: str) -> None:
    assert join_code(typed) == "ABCD"


@pytest.mark.parametrize(
    ("text", "unpaired"),
    [
        ("\u202aa\u202c", set()),
        ("\u2068a\u202bb\u202c\u2069", set()),
        ("\u202ea", {0}),
        ("a\u2069", {1}),
        ("\u2066a\u202c\u2069", {2}),
        ("\u2066\u202ea\u2069", {0, 1, 3}),
    ],
)
def test_direction_without_a_partner_is_found(text: str, unpaired: set[int]) -> None:
    assert set(find_unpaired_bidi(text)) == unpaired


@given(BIDI)
def test_what_is_left_is_paired(text: str) -> None:
    assert not find_unpaired_bidi(remove_unpaired_bidi(text))
