"""A session token is parsed or refused: a client cannot change any part of it."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from adapters.crypto.session_tokens import SessionTokens
from domain.auth.errors import SessionInvalid
from domain.auth.sessions import ParsedSessionToken
from tests.adapters.crypto.rings import OLD, ROTATED, ROTATED_AWAY, ring, secret

SESSION_ID = "0123456789abcdef01234567"
TOKENS = SessionTokens(OLD)
TOKEN = TOKENS.mint(SESSION_ID, 7)
BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@given(st.integers(min_value=1, max_value=999_999_999))
def test_token_says_its_session_and_generation(generation: int) -> None:
    token = TOKENS.mint(SESSION_ID, generation)

    assert TOKENS.parse(token) == ParsedSessionToken(SESSION_ID, generation)


def test_token_is_the_one_already_handed_out() -> None:
    """A changed derivation would sign all users out."""
    assert TOKEN == "old.0123456789abcdef01234567.7.xzFXl7_IcBbXBnvqnLped7UmBwuF02S9AGpSwSs9ON4"
    assert TOKENS.mint(SESSION_ID, 7) == TOKEN


def test_other_generation_or_session_has_another_mac() -> None:
    macs = [
        TOKENS.mint(*token).rpartition(".")[2] for token in [(SESSION_ID, 7), (SESSION_ID, 8), (SESSION_ID[::-1], 7)]
    ]

    assert len(set(macs)) == 3


@given(place=st.integers(min_value=0, max_value=len(TOKEN) - 1), symbol=st.sampled_from(BASE64URL + "."))
def test_no_symbol_of_it_can_be_changed(place: int, symbol: str) -> None:
    assume(TOKEN[place] != symbol)

    with pytest.raises(SessionInvalid):
        TOKENS.parse(TOKEN[:place] + symbol + TOKEN[place + 1 :])


@given(st.integers(min_value=0, max_value=len(TOKEN) - 1))
def test_no_end_of_it_can_be_cut_off(length: int) -> None:
    with pytest.raises(SessionInvalid):
        TOKENS.parse(TOKEN[:length])


KEY_ID, _, GENERATION, MAC = TOKEN.split(".")


@pytest.mark.parametrize(
    "forged",
    [
        f"{KEY_ID}.{SESSION_ID}.8.{MAC}",
        f"{KEY_ID}.{SESSION_ID}.07.{MAC}",
        f"{KEY_ID}.{SESSION_ID}.-7.{MAC}",
        f"{KEY_ID}.{SESSION_ID}.\u0667.{MAC}",
        f"{KEY_ID}.{SESSION_ID[::-1]}.7.{MAC}",
        f"{KEY_ID}.{SESSION_ID.upper()}.7.{MAC}",
        f"none.{SESSION_ID}.7.{MAC}",
        f"../{KEY_ID}.{SESSION_ID}.7.{MAC}",
        f"{SESSION_ID}.7.{MAC}",
        f"{TOKEN}=",
        f"{TOKEN}\n",
        f" {TOKEN}",
        f"{TOKEN}.{MAC}",
        TOKEN.replace(".", ".."),
        "",
        "...",
    ],
)
def test_forged_token_is_refused(forged: str) -> None:
    with pytest.raises(SessionInvalid):
        TOKENS.parse(forged)


@given(st.text())
def test_garbage_is_refused(garbage: str) -> None:
    with pytest.raises(SessionInvalid):
        TOKENS.parse(garbage)


def test_token_of_another_root_under_the_same_key_id_is_refused() -> None:
    stranger = SessionTokens(type(OLD)({"old": secret("stranger")}, OLD.lookup))

    with pytest.raises(SessionInvalid):
        TOKENS.parse(stranger.mint(SESSION_ID, 7))


def test_old_key_is_still_read_after_a_rotation() -> None:
    assert SessionTokens(ROTATED).parse(TOKEN) == ParsedSessionToken(SESSION_ID, 7)


def test_new_key_mints_after_a_rotation() -> None:
    assert SessionTokens(ROTATED).mint(SESSION_ID, 7).startswith("new.")


def test_key_taken_off_the_ring_ends_its_tokens() -> None:
    with pytest.raises(SessionInvalid):
        SessionTokens(ROTATED_AWAY).parse(TOKEN)


def test_lookup_secret_plays_no_part() -> None:
    assert SessionTokens(ring("old", lookup=secret("other"))).mint(SESSION_ID, 7) == TOKEN
