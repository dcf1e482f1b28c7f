"""All spellings of one address have one key; different addresses have different keys."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.email_address import email_key, local_part


@pytest.mark.defect(90)
@given(st.text())
def test_composed_and_decomposed_letters_are_one_address(text: str) -> None:
    assert email_key(unicodedata.normalize("NFD", text)) == email_key(unicodedata.normalize("NFC", text))


@given(st.text())
def test_key_of_a_key_is_itself(text: str) -> None:
    assert email_key(email_key(text)) == email_key(text)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Alice@Example.COM", "alice@example.com"),
        ("STRASSE@example.com", "strasse@example.com"),
        ("stra\u00dfe@example.com", "strasse@example.com"),
        ("\u0391\u03a3@example.com", "\u03b1\u03c3@example.com"),
        ("\u03b1\u03c2@example.com", "\u03b1\u03c3@example.com"),
    ],
)
def test_letter_case_is_folded(typed: str, key: str) -> None:
    assert email_key(typed) == key


@pytest.mark.parametrize("address", ["al.ice@example.com", "alice+news@example.com", "a_l-i'ce@example.com"])
def test_plus_and_dots_make_different_addresses(address: str) -> None:
    assert email_key(address) == address


@pytest.mark.parametrize(
    ("address", "local"), [("alice@example.com", "alice"), ('"a@b"@example.com', '"a@b"'), ("no-address", "")]
)
def test_local_part_is_what_stands_before_the_last_at(address: str, local: str) -> None:
    assert local_part(address) == local
