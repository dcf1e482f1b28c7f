"""Signatures are judged as RFC 8032 says, and as `cryptography` does."""

import random

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from domain.journal import ed25519

# RFC 8032 §7.1: secret key, public key, message, signature.
VECTORS = {
    "empty message": (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe2465"
        "5141438e7a100b",
    ),
    "one byte": (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb0"
        "0d291612bb0c00",
    ),
    "two bytes": (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc0"
        "27beceea1ec40a",
    ),
}
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC_KEY = KEY.public_key().public_bytes_raw()
MESSAGE = b"a message"
SIGNATURE = KEY.sign(MESSAGE)


@pytest.mark.parametrize("name", VECTORS)
def test_signature_of_the_rfc_is_right(name: str) -> None:
    _, public_key, message, signature = (bytes.fromhex(text) for text in VECTORS[name])
    assert ed25519.verify(public_key, message, signature)


@pytest.mark.parametrize("bit", range(0, 768, 5))
def test_other_bit_in_key_or_signature_is_refused(bit: int) -> None:
    flipped = (int.from_bytes(PUBLIC_KEY + SIGNATURE, "big") ^ 1 << bit).to_bytes(96, "big")
    assert not ed25519.verify(flipped[:32], MESSAGE, flipped[32:])


@pytest.mark.parametrize("length", [0, 1, 31, 32, 63, 65, 128])
def test_signature_of_another_length_is_refused(length: int) -> None:
    assert not ed25519.verify(PUBLIC_KEY, MESSAGE, (SIGNATURE + bytes(64))[:length])


@pytest.mark.parametrize("length", [0, 31, 33])
def test_key_of_another_length_is_refused(length: int) -> None:
    assert not ed25519.verify((PUBLIC_KEY + bytes(1))[:length], MESSAGE, SIGNATURE)


def test_second_form_of_a_signature_is_refused() -> None:
    """s + L gives the same point (RFC 8032 §8.4: signatures are not to be malleable)."""
    s = int.from_bytes(SIGNATURE[32:], "little") + ed25519.L
    assert not ed25519.verify(PUBLIC_KEY, MESSAGE, SIGNATURE[:32] + s.to_bytes(32, "little"))


@pytest.mark.parametrize("y", [ed25519.P, ed25519.P + 1, 2**255 - 1])
def test_point_in_a_second_form_is_no_key(y: int) -> None:
    """The neutral point signs anything, with r and s that are neutral too."""
    assert not ed25519.verify(y.to_bytes(32, "little"), MESSAGE, (1).to_bytes(32, "little") + bytes(32))


def test_zero_with_a_sign_is_no_key() -> None:
    assert not ed25519.verify((1 | 1 << 255).to_bytes(32, "little"), MESSAGE, (1).to_bytes(32, "little") + bytes(32))


def test_judgement_is_that_of_another_implementation() -> None:
    chosen = random.Random(8032)  # noqa: S311 - the same cases each time
    cases = [_case(chosen) for _ in range(200)]
    assert [ed25519.verify(*case) for case in cases] == [_is_right(*case) for case in cases]


def _case(chosen: random.Random) -> tuple[bytes, bytes, bytes]:
    """Return a key, a message and a signature, which is right in one of two cases."""
    key = Ed25519PrivateKey.from_private_bytes(chosen.randbytes(32))
    message = chosen.randbytes(chosen.randrange(200))
    parts = [key.public_key().public_bytes_raw(), message, key.sign(message)]
    part = chosen.randrange(6)
    parts[part % 3] = chosen.randbytes(len(parts[part % 3])) if part < 3 else parts[part % 3]
    return parts[0], parts[1], parts[2]


def _is_right(public_key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
