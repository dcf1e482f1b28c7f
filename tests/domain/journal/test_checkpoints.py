"""A token is a checkpoint only in its one form, and by a key that is known."""

import json

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.journal.chain import Link
from domain.journal.checkpoints import Checkpoint, InvalidCheckpoint, parse_public_keys, verify_checkpoint
from tests.support.journal_files import AT, JWKS, KEY, KEYS, encode, make_token, sign_token

LINK = Link(7, "ab" * 32)
HEADER = {"alg": "EdDSA", "typ": "audit-checkpoint+jwt", "kid": "k1"}
CLAIMS = {"seq": 7, "hash": "ab" * 32, "at": AT}
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


def test_signed_checkpoint_says_number_hash_and_moment() -> None:
    assert verify_checkpoint(make_token(LINK), KEYS) == Checkpoint(7, "ab" * 32, AT)


def test_token_is_read_by_another_implementation_of_jws() -> None:
    assert jwt.decode(make_token(LINK), KEY.public_key(), ["EdDSA"]) == CLAIMS


def test_keys_are_those_of_the_published_set() -> None:
    assert parse_public_keys(JWKS.encode()) == KEYS


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "Ed25519ph"},
        {"typ": "at+jwt"},
        {"kid": "k2"},
        {"kid": None},
        {"kid": 1},
        {"jku": "https://evil.example/jwks.json"},
        {"jwk": {"kty": "OKP"}},
        {"x5u": "https://evil.example/"},
        {"crit": []},
        {"b64": False},
        {"alg": 1.5},
    ],
    ids=str,
)
def test_token_with_another_header_is_refused(header: dict[str, object]) -> None:
    with pytest.raises(InvalidCheckpoint):
        verify_checkpoint(sign_token(HEADER | header, CLAIMS), KEYS)


@pytest.mark.parametrize(
    "claims",
    [
        {},
        CLAIMS | {"seq": 0},
        CLAIMS | {"seq": "7"},
        CLAIMS | {"seq": True},
        CLAIMS | {"seq": 7.0},
        CLAIMS | {"seq": 2**53},
        CLAIMS | {"hash": "AB" * 32},
        CLAIMS | {"at": "2026-01-31T09:30:00Z"},
        CLAIMS | {"exp": 1},
        [CLAIMS],
    ],
    ids=str,
)
def test_token_with_other_claims_is_refused(claims: object) -> None:
    with pytest.raises(InvalidCheckpoint):
        verify_checkpoint(sign_token(HEADER, claims), KEYS)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "..",
        make_token(LINK) + ".",
        make_token(LINK) + "=",
        make_token(LINK)[:-1],
        make_token(LINK).rpartition(".")[0] + ".",
        make_token(LINK, key=OTHER_KEY),
        make_token(LINK).replace(encode(json.dumps(CLAIMS).encode()), encode(json.dumps(CLAIMS | {"seq": 8}).encode())),
        "é" + make_token(LINK),
        make_token(LINK) * 4,
    ],
    ids=range(10),
)
def test_token_that_was_touched_is_refused(token: str) -> None:
    with pytest.raises(InvalidCheckpoint):
        verify_checkpoint(token, KEYS)


def test_field_that_is_there_twice_is_refused() -> None:
    twice = ".".join(encode(part) for part in (json.dumps(HEADER).encode(), b'{"seq":7,"seq":8,"hash":"","at":""}'))
    with pytest.raises(InvalidCheckpoint):
        verify_checkpoint(f"{twice}.{encode(KEY.sign(twice.encode()))}", KEYS)


@pytest.mark.parametrize("jwks", [b"", b"[]", b"{}", b'{"keys":{}}', b"\xff", b"[" * 10_000])
def test_set_of_keys_that_is_none_is_refused(jwks: bytes) -> None:
    with pytest.raises(ValueError, match=r"^(it|Expecting|'utf-8')"):
        parse_public_keys(jwks)


def test_keys_of_other_kinds_are_left_out() -> None:
    assert parse_public_keys(b'{"keys":[{"kty":"RSA","kid":"k1","n":"x"},{"kty":"OKP","crv":"X25519"}]}') == {}
