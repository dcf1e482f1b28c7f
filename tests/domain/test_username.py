"""A username is 3 to 30 plain letters, digits and underscores, unique whatever its letter case."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.username import RESERVED_USERNAMES, USERNAME_PATTERN, is_reserved, username_key

NAMES = st.from_regex(r"[A-Za-z0-9_]{3,30}", fullmatch=True)
PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")


def is_username(text: str) -> bool:
    return re.fullmatch(USERNAME_PATTERN, text) is not None


@given(NAMES)
def test_plain_name_is_a_username(name: str) -> None:
    assert is_username(name)


@given(st.text(min_size=3, max_size=30).filter(lambda text: not set(text) <= PLAIN))
def test_any_other_symbol_makes_it_none(text: str) -> None:
    assert not is_username(text)


@pytest.mark.parametrize("name", ["", "ab", "a" * 31])
def test_too_short_or_too_long_is_no_username(name: str) -> None:
    assert not is_username(name)


@pytest.mark.parametrize(
    "look_alike",
    [
        "\u0430lice",  # Cyrillic a
        "\uff41\uff4c\uff49\uff43\uff45",  # full-width characters
        "al\u0131ce",  # dotless i
        "ali\u200dce",  # zero-width joiner
        "alice\u202e",  # right-to-left override
        "alice\u0301",  # combining accent
        "alice\u0661",  # Arabic digit
        "\u212aelvin",  # Kelvin sign, which case-folds to k
        "alice\n",
        "alice ",
        "al-ice",
        "al.ice",
    ],
)
def test_look_alike_is_refused(look_alike: str) -> None:
    assert not is_username(look_alike)


@given(NAMES)
def test_letter_case_makes_no_other_name(name: str) -> None:
    assert username_key(name.upper()) == username_key(name.lower()) == username_key(name)


@given(NAMES, NAMES)
def test_other_names_have_other_keys(one: str, other: str) -> None:
    assert (username_key(one) == username_key(other)) == (one.lower() == other.lower())


@pytest.mark.parametrize(
    "name",
    """
    admin administrator root system support help security official moderator decode api www mail me null undefined
    """.split(),
)
def test_name_of_the_contract_is_reserved(name: str) -> None:
    assert is_reserved(name)
    assert is_reserved(name.upper())


@pytest.mark.parametrize("name", sorted(RESERVED_USERNAMES))
def test_reserved_name_is_written_as_its_key(name: str) -> None:
    assert username_key(name) == name


def test_ordinary_name_is_not_reserved() -> None:
    assert not is_reserved("alice_admin")
