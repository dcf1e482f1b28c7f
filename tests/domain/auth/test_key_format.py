"""The text of API keys: a typo is told from a key before any look-up."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.auth.key_format import KEY_PATTERN, base62, format_key, key_prefix

PREFIX = "dk_live_4fGh2LmN8pQr"
KEY = format_key(PREFIX, base62(int.from_bytes(b"one key for all tests of a format"), 43))
CHARACTERS = string.ascii_letters + string.digits + "_-. "


def test_key_has_environment_id_secret_and_checksum() -> None:
    assert re.fullmatch(r"dk_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}[0-9A-Za-z]{6}", KEY)
    assert key_prefix(KEY, "live") == PREFIX


def test_scanner_finds_a_key_within_other_text() -> None:
    assert re.findall(KEY_PATTERN, f"token={KEY}&x=1\n") == [KEY]


@given(st.integers(0, len(KEY) - 1), st.sampled_from(CHARACTERS))
def test_typo_in_one_character_is_noticed(place: int, typed: str) -> None:
    text = KEY[:place] + typed + KEY[place + 1 :]

    assert key_prefix(text, "live") == (PREFIX if text == KEY else None)


@given(st.integers(0, len(KEY) - 2))
def test_two_neighbours_that_are_swapped_are_noticed(place: int) -> None:
    text = KEY[:place] + KEY[place + 1] + KEY[place] + KEY[place + 2 :]

    assert key_prefix(text, "live") == (PREFIX if text == KEY else None)


@pytest.mark.parametrize("text", ["", "dk_", KEY[:-1], KEY + "0", f" {KEY}", f"{KEY}\n", KEY.upper(), "k1.a.1.b"])
def test_other_text_is_no_key(text: str) -> None:
    assert key_prefix(text, "live") is None


def test_key_of_another_environment_is_none() -> None:
    assert key_prefix(KEY, "test") is None


def test_all_256_bits_are_kept() -> None:
    assert base62(2**256 - 1, 43) != base62(2**255 - 1, 43)
    assert (2**256) < 62**43
