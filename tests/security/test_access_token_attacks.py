"""Known attacks on access tokens: each gets the same answer as a request without a token."""

import itertools
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from adapters.crypto.access_tokens import MAX_TOKEN_LENGTH
from config.settings import Settings
from tests.adapters.crypto.forging import base64url, hmac_with, token_of
from tests.security.forger import Forger, public_jwk, stranger
from tests.support.envelope import data, refusal
from tests.support.people import SignedIn

Attack = Callable[[Forger], str]

ME = "/users/profile/me"
VALIDATE = "/auth/session/validate-access"
NOT_AUTHENTICATED = (401, "NotAuthenticated")
STRANGER = stranger()
HOUR = 3600


def header(**changes: object) -> Attack:
    """Rightly signed, with changes to the header."""
    return lambda forger: forger.token(header=changes)


def header_of_stranger(**changes: object) -> Attack:
    """Signed by a key of the attacker, which the header may name."""
    return lambda forger: forger.token(header=changes, sign=STRANGER.sign)


def claims(**changes: Any) -> Attack:
    return lambda forger: forger.token(**changes)


def at(name: str, offset: int) -> Attack:
    """Set a time claim to `offset` seconds from now."""
    return lambda forger: claims(**{name: int(time.time()) + offset})(forger)


def signature(made: Callable[[bytes], bytes]) -> Attack:
    """The right signature, changed."""
    return lambda forger: forger.token(sign=lambda message: made(forger.sign(message)))


def shared_secret(form: str) -> Attack:
    """HS256 with our public key as the secret."""
    return lambda forger: forger.token(header={"alg": "HS256"}, sign=hmac_with(forger.public(form)))


def unsigned(alg: str) -> Attack:
    return lambda forger: forger.token(header={"alg": alg}, sign=lambda _: b"")


def text(of: Callable[[str], str]) -> Attack:
    """The text of a good token, changed."""
    return lambda forger: of(forger.token())


def spellings(word: str) -> list[str]:
    """Return the text in all letter cases."""
    return sorted({"".join(letters) for letters in itertools.product(*zip(word.lower(), word.upper(), strict=True))})


ALGORITHMS: Mapping[str, Attack] = {
    **{f"alg {each}, no signature": unsigned(each) for each in spellings("none")},
    **{
        f"alg {each}, signed": header(alg=each)
        for each in ("none", "eddsa", "Ed448", "RS256", "ES256", "HS256", "", "*")
    },
    **{
        f"HS256 with our public key as {form}": shared_secret(form)
        for form in ("raw", "pem", "der", "jwk", "base64url")
    },
    "HS256 with nothing": lambda forger: forger.token(header={"alg": "HS256"}, sign=hmac_with(b"")),
    "alg is a number": header(alg=1),
    "alg is a list": header(alg=["EdDSA"]),
    "alg is null": header(alg=None),
    "alg is missing": lambda forger: forger.without_header("alg"),
}

KEYS: Mapping[str, Attack] = {
    "kid climbs to an empty file": header(kid="../../../../../../dev/null"),
    "kid is a path": header(kid="/etc/hostname"),
    "kid is a statement": header(kid="x' UNION SELECT 'secret' --"),
    "kid is a query": header(kid={"$ne": None}),
    "kid is a command": header(kid="| id"),
    "kid is an address": header(kid="https://attacker.example/key"),
    "kid is unknown": header(kid="dev9"),
    "kid is of another ring": header(kid="test1"),
    "kid is empty": header(kid=""),
    "kid is a number": header(kid=1),
    "kid is a list": header(kid=["dev1"]),
    "kid is true": header(kid=True),
    "kid is null": header(kid=None),
    "kid in another letter case": lambda forger: forger.token(header={"kid": forger.key_id.swapcase()}),
    "kid with an end": lambda forger: forger.token(header={"kid": forger.key_id + "\x00"}),
    "kid is missing": lambda forger: forger.without_header("kid"),
    "another key under our kid": lambda forger: forger.token(sign=STRANGER.sign),
    "jwk of the attacker": header_of_stranger(jwk=public_jwk(STRANGER)),
    "jwk and kid of the attacker": header_of_stranger(jwk=public_jwk(STRANGER), kid="attacker"),
    "jku of the attacker": header_of_stranger(jku="https://attacker.example/jwks.json"),
    "x5u of the attacker": header_of_stranger(x5u="https://attacker.example/chain.pem"),
    "x5c of the attacker": header_of_stranger(x5c=["MIIB"]),
}

HEADERS: Mapping[str, Attack] = {
    **{f"crit {each}": header(crit=each) for each in (["exp"], ["b64"], ["x"], [], "exp", None)},
    "crit with its extension": header(crit=["b64"], b64=True),
    "payload left out": header(b64=False),
    "typ of an ID token": header(typ="JWT"),
    "typ of a refresh token": header(typ="rt+jwt"),
    "typ in capitals": header(typ="AT+JWT"),
    "typ is null": header(typ=None),
    "typ is missing": lambda forger: forger.without_header("typ"),
}


def missing(claim: str) -> Attack:
    return lambda forger: forger.without(claim)


REQUIRED = ("iss", "aud", "sub", "session_id", "gen", "iat", "exp", "jti")

CLAIMS: Mapping[str, Attack] = {
    **{f"{name} is missing": missing(name) for name in REQUIRED},
    "issuer is another": claims(iss="https://attacker.example"),
    "issuer begins like ours": claims(iss="decode-auth-service.attacker.example"),
    "issuer is a list with ours": claims(iss=["decode-auth-service"]),
    "audience is another": claims(aud="decode-user-service"),
    "audience is empty": claims(aud=[]),
    "expired a moment ago": at("exp", -1),
    "expired long ago": claims(exp=0),
    "expires never": claims(exp="never"),
    "expires at infinity": claims(exp=float("inf")),
    "not good before an hour": at("nbf", HOUR),
    "issued in an hour": at("iat", HOUR),
    "subject is another": claims(sub="0" * 24),
    "subject is a number": claims(sub=1),
    "session is another": claims(session_id="0" * 24),
    "session is no id": claims(session_id="' OR 1=1"),
    "session is a query": claims(session_id={"$gt": ""}),
    "generation is text": claims(gen="first"),
    "generation is a query": claims(gen={"$gte": 0}),
}

SIGNATURES: Mapping[str, Attack] = {
    "no signature": signature(lambda _: b""),
    "half a signature": signature(lambda made: made[:32]),
    "signature short of a byte": signature(lambda made: made[:63]),
    "signature with a byte more": signature(lambda made: made + b"\x00"),
    "signature twice": signature(lambda made: made * 2),
    "signature of zeros": signature(lambda _: bytes(64)),
    "signature of ones": signature(lambda _: b"\xff" * 64),
    "R is zero": signature(lambda made: bytes(32) + made[32:]),
    "R is the neutral point": signature(lambda made: b"\x01" + bytes(31) + made[32:]),
    "S is zero": signature(lambda made: made[:32] + bytes(32)),
    "halves changed round": signature(lambda made: made[32:] + made[:32]),
    "S with the order added": lambda forger: forger.token(sign=forger.shifted),
    "sign of R turned": lambda forger: forger.token(sign=forger.flipped),
    "signature of other claims": lambda forger: forger.token(sign=lambda _: forger.sign(b"other")),
}

TEXTS: Mapping[str, Attack] = {
    "a word": text(lambda _: "x"),
    "two dots": text(lambda _: ".."),
    "two parts": text(lambda good: good.rpartition(".")[0]),
    "four parts": text(lambda good: good + ".AAAA"),
    "five parts, as if encrypted": text(lambda good: "A.".join(good.split(".")) + ".A.A"),
    "as JSON": text(lambda good: '{"payload":"' + good + '"}'),
    "scheme twice": text(lambda good: "Bearer " + good),
    "token twice": text(lambda good: good + " " + good),
    "token twice with a comma": text(lambda good: good + "," + good),
    "last symbol with loose bits": text(lambda good: good[:-1] + chr(ord(good[-1]) + 1)),
    "junk in the signature": text(lambda good: good[:-4] + "!" + good[-4:]),
    "claims are a list": lambda forger: token_of(forger.header, b"[]", forger.sign),
    "claims are deep": lambda forger: token_of(forger.header, b"[" * 1500, forger.sign),
    "header is no JSON": lambda forger: token_of(b"{", forger.claims, forger.sign),
    "header is deep": lambda forger: token_of(b'{"a":' * 300, forger.claims, forger.sign),
    "claim twice": lambda forger: token_of(forger.header, b'{"exp":9999999999,' + b'"exp":0}', forger.sign),
    "random bytes": text(lambda _: ".".join(base64url(bytes(range(start, start + 40))) for start in (0, 90, 180))),
}

ATTACKS: Mapping[str, Attack] = {**ALGORITHMS, **KEYS, **HEADERS, **CLAIMS, **SIGNATURES, **TEXTS}


@pytest.fixture
def forger(settings: Settings, someone: SignedIn) -> Forger:
    return Forger(settings, someone.session["access_token"])


async def ask(api: httpx.AsyncClient, token: str) -> httpx.Response:
    return await api.get(ME, headers={"Authorization": f"Bearer {token}"})


def shape(response: httpx.Response) -> dict[str, Any]:
    """Return the body without the fields that differ between any two responses."""
    return {name: value for name, value in response.json().items() if name not in {"timestamp", "requestId"}}


async def test_forged_token_without_changes_is_valid(api: httpx.AsyncClient, forger: Forger, someone: SignedIn) -> None:
    """Without this, the refusals below prove nothing."""
    assert data(await ask(api, forger.token()))["_id"] == someone.user["_id"]


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=list(ATTACKS))
async def test_forged_token_is_answered_like_no_token(api: httpx.AsyncClient, forger: Forger, attack: Attack) -> None:
    response = await ask(api, attack(forger))

    assert refusal(response) == NOT_AUTHENTICATED
    assert response.headers["www-authenticate"] == "Bearer"
    assert shape(response) == shape(await api.get(ME))


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=list(ATTACKS))
async def test_forged_token_is_not_validated(api: httpx.AsyncClient, forger: Forger, attack: Attack) -> None:
    response = await api.post(VALIDATE, json={"access_token": attack(forger)})

    assert refusal(response) == NOT_AUTHENTICATED


async def test_oversized_token_is_answered_like_no_token(api: httpx.AsyncClient, forger: Forger) -> None:
    assert refusal(await ask(api, forger.token(padding="x" * MAX_TOKEN_LENGTH))) == NOT_AUTHENTICATED


async def test_oversized_token_is_not_validated(api: httpx.AsyncClient, forger: Forger) -> None:
    response = await api.post(VALIDATE, json={"access_token": forger.token(padding="x" * MAX_TOKEN_LENGTH)})

    assert refusal(response) == NOT_AUTHENTICATED


async def test_scheme_without_a_token_is_answered_like_no_token(api: httpx.AsyncClient) -> None:
    assert refusal(await api.get(ME, headers={"Authorization": "Bearer"})) == NOT_AUTHENTICATED


@pytest.mark.parametrize("scheme", ["", "Token ", "Basic ", "Bearer:", "Bearer\t", "JWT ", "Digest ", "bearer_"])
async def test_token_under_another_scheme_is_answered_like_no_token(
    api: httpx.AsyncClient, forger: Forger, scheme: str
) -> None:
    response = await api.get(ME, headers={"Authorization": scheme + forger.token()})

    assert refusal(response) == NOT_AUTHENTICATED


@pytest.mark.parametrize("order", ["good first", "good last", "good twice"])
async def test_two_tokens_are_answered_like_no_token(api: httpx.AsyncClient, forger: Forger, order: str) -> None:
    """A proxy and the API could each check a different one."""
    good, bad = f"Bearer {forger.token()}", f"Bearer {forger.token(exp=0)}"
    pair = {"good first": (good, bad), "good last": (bad, good), "good twice": (good, good)}[order]

    response = await api.get(ME, headers=[("Authorization", each) for each in pair])

    assert refusal(response) == NOT_AUTHENTICATED


@pytest.mark.parametrize("place", ["access_token", "token", "authorization"])
async def test_token_in_the_query_is_no_token(api: httpx.AsyncClient, forger: Forger, place: str) -> None:
    response = await api.get(ME, params={place: forger.token()})

    assert refusal(response) == NOT_AUTHENTICATED


async def test_token_in_a_cookie_is_no_token(api: httpx.AsyncClient, forger: Forger) -> None:
    response = await api.get(ME, headers={"Cookie": f"access_token={forger.token()}"})

    assert refusal(response) == NOT_AUTHENTICATED


async def test_session_token_is_no_access_token(api: httpx.AsyncClient, someone: SignedIn) -> None:
    assert refusal(await ask(api, someone.session["session_token"])) == NOT_AUTHENTICATED


async def test_role_in_a_claim_opens_nothing(api: httpx.AsyncClient, forger: Forger) -> None:
    """Even rightly signed: roles are read from the account."""
    headers = {"Authorization": f"Bearer {forger.token(role='admin')}"}

    assert refusal(await api.get("/health/dependencies", headers=headers)) == (403, "Forbidden")
