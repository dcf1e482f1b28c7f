"""Recovering the signer of a message, compared with independent signers; malformed signatures are refused."""

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct
from eth_keys.constants import SECPK1_N
from hypothesis import given
from hypothesis import strategies as st

from adapters.crypto.wallet_signatures import recover_signer
from tests.support.wallets import new_wallet

MESSAGE = "Some data"
KEY = "0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"
ADDRESS = "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23"
SIGNATURE = bytes.fromhex(
    "b91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd"
    "6007e74cd82e037b800186422fc2da167c747ef045e5d18a5f5d4300f8e1a0291c"
)
"""From the documentation of web3.js, `eth.accounts.sign`."""


def with_last(signature: bytes, last: int) -> bytes:
    return signature[:64] + bytes([last])


def mirrored(signature: bytes) -> bytes:
    """The other signature that the curve takes for the same message: s becomes n minus s, the parity turns."""
    s = SECPK1_N - int.from_bytes(signature[32:64], "big")
    return signature[:32] + s.to_bytes(32, "big") + bytes([55 - signature[64]])


def test_published_signature_is_that_of_its_address() -> None:
    assert recover_signer(MESSAGE, SIGNATURE) == ADDRESS


@pytest.mark.parametrize("message", ["", "x" * 3000, "zwei\nZeilen", "\u4f60\u597d, \U0001f44b"])
def test_signer_is_recovered_from_the_signature(message: str) -> None:
    wallet = new_wallet()
    signature = bytes(wallet.sign_message(encode_defunct(text=message)).signature)

    assert recover_signer(message, signature) == wallet.address


def test_parity_may_be_written_without_its_offset() -> None:
    assert recover_signer(MESSAGE, with_last(SIGNATURE, SIGNATURE[64] - 27)) == ADDRESS


def test_mirrored_signature_is_refused_although_the_curve_takes_it() -> None:
    other = mirrored(SIGNATURE)

    assert Account.recover_message(encode_defunct(text=MESSAGE), signature=other) == ADDRESS
    assert recover_signer(MESSAGE, other) is None


@pytest.mark.parametrize("last", [2, 3, 26, 29, 37, 255])
def test_parity_that_is_none_is_refused(last: int) -> None:
    assert recover_signer(MESSAGE, with_last(SIGNATURE, last)) is None


@pytest.mark.parametrize(
    ("r", "s"),
    [(0, 0), (0, 1), (1, 0), (SECPK1_N, 1), (2**256 - 1, 1), (SECPK1_N - 1, 1), (1, SECPK1_N), (5, 1)],
)
def test_numbers_off_the_curve_are_of_no_wallet(r: int, s: int) -> None:
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big") + b"\x1b"

    assert recover_signer(MESSAGE, signature) is None


def test_another_message_has_another_signer() -> None:
    assert recover_signer("Some date", SIGNATURE) != ADDRESS


@given(st.binary(min_size=65, max_size=65))
def test_no_other_65_bytes_recover_the_address(signature: bytes) -> None:
    assert recover_signer(MESSAGE, signature) != ADDRESS
