"""The text of a challenge, by the rules of EIP-4361."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.auth.wallets import STATEMENTS, Site, WalletChallenge, WalletPurpose, extract_nonce, wallet_key

SITE = Site("decode.example", "https://decode.example/app", (1, 137))
ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
CHALLENGE = WalletChallenge(
    purpose=WalletPurpose.LINK,
    nonce="32891757abcdef",
    address=ADDRESS,
    chain_id=137,
    issued_at=datetime(2026, 1, 2, 3, 4, 5, 6000, tzinfo=UTC),
)
TEXT = f"""\
decode.example wants you to sign in with your Ethereum account:
{ADDRESS}

Link this wallet to your Decode account.

URI: https://decode.example/app
Version: 1
Chain ID: 137
Nonce: 32891757abcdef
Issued At: 2026-01-02T03:04:05.006Z
Expiration Time: 2026-01-02T03:09:05.006Z"""


def test_challenge_is_written_as_the_standard_says() -> None:
    assert CHALLENGE.message_text(SITE) == TEXT


@pytest.mark.parametrize("purpose", WalletPurpose)
def test_statement_is_one_line_and_says_what_for(purpose: WalletPurpose) -> None:
    assert replace(CHALLENGE, purpose=purpose).message_text(SITE).split("\n\n")[1] == STATEMENTS[purpose]
    assert re.fullmatch(r"[A-Z][\x20-\x7e]+\.", STATEMENTS[purpose])


def test_no_two_purposes_say_the_same() -> None:
    assert len(set(STATEMENTS.values())) == len(WalletPurpose)


def test_nonce_is_found_in_what_we_have_written() -> None:
    assert extract_nonce(TEXT) == CHALLENGE.nonce


@pytest.mark.parametrize(
    "message",
    [
        "",
        "Nonce: short",
        "Nonce: with spaces",
        " Nonce: 32891757abcdef",
        "Nonce: 32891757abcdef\r",
        "Nonce: " + "a" * 65,
        f"{TEXT}\nNonce: 32891757abcdef",
    ],
)
def test_message_without_just_one_nonce_names_none(message: str) -> None:
    assert extract_nonce(message) is None


def test_address_has_one_form_whatever_its_letters() -> None:
    assert wallet_key(ADDRESS) == wallet_key(ADDRESS.lower()) == ADDRESS.lower()
