"""An access token is ours, whole, meant for this API and not yet expired; anything else is NotAuthenticated."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import assume, given
from hypothesis import strategies as st

from adapters.crypto.access_tokens import MAX_TOKEN_LENGTH
from domain.auth.sessions import AuthStrength
from tests.adapters.crypto.forging import base64url, hmac_with, public_bytes, seed, signed_by, token_of
from tests.adapters.crypto.tokens import CLAIMS, HEADER, NOW, OURS, SECONDS, TOKENS, fresh, is_refused
from tests.support.builders import SESSION, USER
from tests.support.polling import wait_until

TOKEN = TOKENS.mint(SESSION, NOW)

BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
PEM = (
    Ed25519PrivateKey.from_private_bytes(seed("k1"))
    .public_key()
    .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
)

# Named, since a token is random and the id of a test is not.
FORGED = {
    "no algorithm": token_of({**HEADER, "alg": "none"}, CLAIMS, lambda _: b""),
    "no algorithm, capitalized": token_of({**HEADER, "alg": "None"}, CLAIMS, signed_by("k1")),
    "hmac with the public key": token_of({**HEADER, "alg": "HS256"}, CLAIMS, hmac_with(public_bytes("k1"))),
    "hmac with the public key as pem": token_of({**HEADER, "alg": "HS256"}, CLAIMS, hmac_with(PEM)),
    "hmac without a key": token_of({**HEADER, "alg": "HS256"}, CLAIMS, hmac_with(b"")),
    "another algorithm": token_of({**HEADER, "alg": "ES256"}, CLAIMS, signed_by("k1")),
    "null algorithm": token_of({**HEADER, "alg": None}, CLAIMS, signed_by("k1")),
    "missing algorithm": token_of({"kid": "k1", "typ": "at+jwt"}, CLAIMS, signed_by("k1")),
    "empty signature": token_of(HEADER, CLAIMS, lambda _: b""),
    "zero signature": token_of(HEADER, CLAIMS, lambda _: bytes(64)),
    "short signature": token_of(HEADER, CLAIMS, lambda message: signed_by("k1")(message)[:63]),
    "long signature": token_of(HEADER, CLAIMS, lambda message: signed_by("k1")(message) + b"\x00"),
    "key of a stranger": token_of(HEADER, CLAIMS, signed_by("stranger")),
    "key in the header": token_of({**HEADER, "jwk": {"kty": "OKP", "crv": "Ed25519"}}, CLAIMS, signed_by("stranger")),
    "key at an address": token_of({**HEADER, "jku": "https://attacker.example/jwks"}, CLAIMS, signed_by("stranger")),
}

NOT_COMPACT = {
    "nothing": "",
    "a point": ".",
    "two points": "..",
    "three points": "...",
    "no signature": TOKEN.rpartition(".")[0],
    "empty signature": TOKEN.rpartition(".")[0] + ".",
    "a fourth part": TOKEN + "." + base64url(b"more"),
    "a point before": "." + TOKEN,
    "a point after": TOKEN + ".",
    "spaces for points": TOKEN.replace(".", " "),
    "padding": TOKEN + "=",
    "a line feed": TOKEN + "\n",
    "a space before": " " + TOKEN,
    "the scheme before": "Bearer " + TOKEN,
    "other letters": "\u00e9" * 40,
    "halves of characters": "\ud800.\ud800.\ud800",
    "nulls": "\x00.\x00.\x00",
    "a Cyrillic letter": TOKEN.replace("e", "\u0435", 1),
}


def test_token_contains_user_session_and_generation() -> None:
    assert TOKENS.verify(fresh()) == OURS


def test_forger_with_the_right_key_and_claims_would_be_believed() -> None:
    """Otherwise the refusals below would prove nothing."""
    assert TOKENS.verify(token_of(HEADER, CLAIMS, signed_by("k1"))) == OURS


def test_token_that_was_good_a_moment_ago_ends_with_its_time() -> None:
    token = fresh(age=timedelta(minutes=15) - timedelta(seconds=2))
    assert TOKENS.verify(token) == OURS

    wait_until(lambda: is_refused(token), seconds=5)


def test_header_names_algorithm_type_and_key() -> None:
    assert jwt.get_unverified_header(TOKEN) == HEADER


def test_token_carries_the_claims_of_the_contract() -> None:
    session = replace(SESSION, auth_strength=(AuthStrength.PASSWORD, AuthStrength.OTP))
    claims = jwt.decode(TOKENS.mint(session, NOW), options={"verify_signature": False})

    assert claims.pop("jti")
    assert claims == {
        "iss": "decode-auth-service",
        "aud": "decode-frontend",
        "sub": USER.user_id,
        "user_id": USER.user_id,
        "username": "alice",
        "role": "user",
        "session_id": SESSION.session_id,
        "device_id": SESSION.device_id,
        "amr": ["pwd", "otp"],
        "gen": 1,
        "iat": SECONDS,
        "exp": SECONDS + 15 * 60,
    }


@pytest.mark.defect(31)
def test_no_two_tokens_are_the_same() -> None:
    assert TOKENS.mint(SESSION, NOW) != TOKEN


@pytest.mark.parametrize(("age", "refused"), [(timedelta(minutes=14), False), (timedelta(minutes=15), True)])
def test_token_lives_15_minutes(age: timedelta, refused: bool) -> None:
    assert is_refused(fresh(age=age)) is refused


@pytest.mark.parametrize("token", FORGED.values(), ids=FORGED.keys())
def test_signature_of_another_address_is_refused(token: str) -> None:
    assert is_refused(token)


@pytest.mark.parametrize(
    "kid", ["k2", "", "K1", "k1 ", "../k1", "/dev/null", "k1\x00", "' OR 1=1", None, 1, True, ["k1"], {"k1": 1}]
)
def test_key_id_that_is_not_ours_is_refused(kid: object) -> None:
    assert is_refused(token_of({**HEADER, "kid": kid}, CLAIMS, signed_by("k1")))


def test_missing_key_id_is_refused() -> None:
    assert is_refused(token_of({"alg": "EdDSA", "typ": "at+jwt"}, CLAIMS, signed_by("k1")))


@pytest.mark.parametrize("typ", ["JWT", "jwt", "", None, ["at+jwt"], "refresh+jwt"])
def test_token_of_another_type_is_refused(typ: object) -> None:
    assert is_refused(token_of({**HEADER, "typ": typ}, CLAIMS, signed_by("k1")))


def test_extension_that_the_library_would_follow_is_refused() -> None:
    assert is_refused(token_of({**HEADER, "crit": ["b64"], "b64": True}, CLAIMS, signed_by("k1")))


@pytest.mark.parametrize("crit", [["exp"], ["b64"], [], "exp", None])
def test_critical_extension_is_refused(crit: object) -> None:
    assert is_refused(token_of({**HEADER, "crit": crit}, CLAIMS, signed_by("k1")))


@pytest.mark.parametrize("name", CLAIMS)
def test_token_without_a_claim_is_refused(name: str) -> None:
    claims = {claim: value for claim, value in CLAIMS.items() if claim != name}

    assert is_refused(token_of(HEADER, claims, signed_by("k1")))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("iss", "https://attacker.example"),
        ("iss", None),
        ("iss", ["decode-auth-service"]),
        ("aud", "another-app"),
        ("aud", []),
        ("aud", None),
        ("aud", {"decode-frontend": 1}),
        ("exp", SECONDS - 1),
        ("exp", 0),
        ("exp", -1),
        ("exp", None),
        ("exp", SECONDS + 0.5 - 86_400),
        ("exp", "never"),
        ("exp", [SECONDS + 900]),
        ("exp", float("inf")),
        ("exp", float("nan")),
        ("nbf", SECONDS + 86_400),
        ("nbf", "soon"),
        ("nbf", [0]),
        ("nbf", float("inf")),
        ("iat", SECONDS + 86_400),
        ("iat", "yesterday"),
        ("iat", None),
        ("iat", [SECONDS]),
        ("iat", float("inf")),
        ("sub", 1),
        ("sub", None),
        ("jti", 1),
        ("gen", "first"),
        ("gen", None),
        ("gen", [1]),
        ("gen", float("inf")),
        ("session_id", None),
    ],
    # By number: the values move with the clock, and all processes of a run have to call a test the same.
    ids=map(str, count()),
)
def test_nonsense_in_a_claim_is_refused(name: str, value: object) -> None:
    assert is_refused(token_of(HEADER, {**CLAIMS, name: value}, signed_by("k1")))


@pytest.mark.parametrize(
    "claims", [b"", b"[]", b"null", b"1", b'"text"', b"{", b"\xff\xfe", b"[" * 2000, b'{"a":1e999}']
)
def test_claims_that_are_no_object_are_refused(claims: bytes) -> None:
    assert is_refused(token_of(HEADER, claims, signed_by("k1")))


@pytest.mark.parametrize(
    "header", [b"", b"[]", b"null", b"1", b'"text"', b"{", b"\xff\xfe", b"[" * 2000, b'{"a":' * 500]
)
def test_header_that_is_no_object_is_refused(header: bytes) -> None:
    assert is_refused(token_of(header, CLAIMS, signed_by("k1")))


@pytest.mark.parametrize("text", NOT_COMPACT.values(), ids=NOT_COMPACT.keys())
def test_text_that_is_no_compact_token_is_refused(text: str) -> None:
    assert is_refused(text)


@given(st.text())
def test_garbage_is_refused(garbage: str) -> None:
    assert is_refused(garbage)


@given(st.binary(max_size=60), st.binary(max_size=60), st.binary(max_size=70))
def test_garbage_in_three_parts_is_refused(header: bytes, claims: bytes, signature: bytes) -> None:
    assert is_refused(".".join(map(base64url, (header, claims, signature))))


@given(place=st.integers(min_value=0, max_value=TOKEN.rindex(".")), symbol=st.sampled_from(BASE64URL))
def test_no_symbol_of_what_is_signed_can_be_changed(place: int, symbol: str) -> None:
    assume(TOKEN[place] != symbol)

    assert is_refused(TOKEN[:place] + symbol + TOKEN[place + 1 :])


def test_oversized_token_is_refused() -> None:
    padded = token_of(HEADER, {**CLAIMS, "padding": "x" * MAX_TOKEN_LENGTH}, signed_by("k1"))

    assert len(padded) > MAX_TOKEN_LENGTH
    assert is_refused(padded)


def test_longest_honest_token_fits() -> None:
    longest = replace(SESSION, username="x" * 30, generation=999_999_999)

    assert len(TOKENS.mint(longest, NOW)) < MAX_TOKEN_LENGTH / 4
