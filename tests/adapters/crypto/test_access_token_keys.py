"""The keys of access tokens: what is published of them, and how one follows another without sign-outs."""

import jwt
import pytest

from adapters.crypto.access_tokens import AccessTokens
from tests.adapters.crypto.forging import base64url, public_bytes, seed, signed_by, token_of
from tests.adapters.crypto.tokens import CLAIMS, HEADER, OURS, TOKENS, fresh, is_refused
from tests.support.builders import USER

ROTATED = AccessTokens({"k2": seed("k2"), "k1": seed("k1")})


def test_jwks_holds_each_public_key() -> None:
    assert ROTATED.jwks() == {
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "x": base64url(public_bytes(key_id)),
                "kid": key_id,
                "use": "sig",
                "alg": "EdDSA",
            }
            for key_id in ("k2", "k1")
        ]
    }


@pytest.mark.parametrize("key_id", ["k1", "k2"])
def test_jwks_holds_no_private_part(key_id: str) -> None:
    published = str(ROTATED.jwks())

    assert "'d'" not in published
    assert base64url(seed(key_id)) not in published


def test_stranger_verifies_with_the_published_key() -> None:
    published = jwt.PyJWKSet.from_dict(TOKENS.jwks())["k1"]

    assert jwt.decode(fresh(), published, ["EdDSA"], audience="decode-frontend")["sub"] == USER.user_id


def test_old_key_still_verifies_after_a_rotation() -> None:
    assert ROTATED.verify(fresh()) == OURS


def test_new_key_signs_after_a_rotation() -> None:
    token = fresh(ROTATED)

    assert jwt.get_unverified_header(token)["kid"] == "k2"
    assert ROTATED.verify(token) == OURS


def test_key_taken_off_the_ring_verifies_nothing() -> None:
    assert is_refused(fresh(), AccessTokens({"k2": seed("k2")}))


def test_key_signs_only_under_its_own_id() -> None:
    assert is_refused(token_of({**HEADER, "kid": "k2"}, CLAIMS, signed_by("k1")), ROTATED)
