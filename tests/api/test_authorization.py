"""Who gets past the routes that need a bearer: nobody without a token of ours and a living session."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from adapters.resources import Resources
from config.keys import split_ring
from config.settings import Settings
from tests.accounts import make_account
from tests.api.conftest import ChangeSession, ChangeUser
from tests.envelope import data, refusal
from tests.people import SignedIn

ROUTES = ["/users/profile/me", "/health/dependencies"]
ME = ROUTES[0]


class Forger:
    """Knows the signing key, and makes tokens that differ from a good one in one thing."""

    def __init__(self, settings: Settings, token: str) -> None:
        self.key_id, seed = next(iter(split_ring(settings.signing_keys).items()))
        self.key = Ed25519PrivateKey.from_private_bytes(seed[:32])
        self.claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})

    def token(self, *, without: str = "", header: dict[str, Any] | None = None, **changes: Any) -> str:
        claims = {**self.claims, **changes}
        claims.pop(without, None)
        headers = {"kid": self.key_id, "typ": "at+jwt", **(header or {})}
        return jwt.encode(claims, self.key, algorithm="EdDSA", headers=headers)


@pytest.fixture
def forger(settings: Settings, someone: SignedIn) -> Forger:
    return Forger(settings, someone.session["access_token"])


async def ask(api: httpx.AsyncClient, token: str, path: str = ME) -> httpx.Response:
    return await api.get(path, headers={"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer x", "Token x", "Basic dXNlcjpwYXNz", "Bearer a.b.c"])
async def test_no_token_no_entry(api: httpx.AsyncClient, path: str, header: str | None) -> None:
    response = await api.get(path, headers={} if header is None else {"Authorization": header})

    assert refusal(response) == (401, "NotAuthenticated")
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_letter_case_of_the_scheme_does_not_count(api: httpx.AsyncClient, someone: SignedIn, scheme: str) -> None:
    response = await api.get(ME, headers={"Authorization": f"{scheme} {someone.session['access_token']}"})

    assert data(response)["_id"] == someone.user["_id"]


async def test_forged_token_that_differs_in_nothing_is_good(
    api: httpx.AsyncClient, forger: Forger, someone: SignedIn
) -> None:
    assert data(await ask(api, forger.token()))["_id"] == someone.user["_id"]


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "session_id", "gen", "iat", "exp", "jti"])
async def test_token_without_a_claim_is_refused(api: httpx.AsyncClient, forger: Forger, claim: str) -> None:
    assert refusal(await ask(api, forger.token(without=claim))) == (401, "NotAuthenticated")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"iss": "somebody-else"}, id="issuer"),
        pytest.param({"aud": "another-frontend"}, id="audience"),
        pytest.param({"exp": datetime.now(UTC) - timedelta(seconds=1)}, id="expired"),
        pytest.param({"nbf": datetime.now(UTC) + timedelta(hours=1)}, id="not yet good"),
        pytest.param({"iat": datetime.now(UTC) + timedelta(hours=1)}, id="issued tomorrow"),
        pytest.param({"exp": "never"}, id="expiry is a word"),
        pytest.param({"gen": "one"}, id="generation is a word"),
        pytest.param({"sub": "0" * 24}, id="another person"),
        pytest.param({"session_id": "0" * 24}, id="another session"),
        pytest.param({"session_id": "not-an-id"}, id="session is no id"),
        pytest.param({"session_id": {"$ne": None}}, id="session is an operator"),
        pytest.param({"header": {"typ": "JWT"}}, id="type"),
        pytest.param({"header": {"kid": "other1"}}, id="unknown key"),
        pytest.param({"header": {"crit": ["x"], "x": 1}}, id="critical extension"),
    ],
)
async def test_token_that_is_wrong_in_one_thing_is_refused(
    api: httpx.AsyncClient, forger: Forger, changes: dict[str, Any]
) -> None:
    assert refusal(await ask(api, forger.token(**changes))) == (401, "NotAuthenticated")


async def test_token_of_another_key_is_refused(api: httpx.AsyncClient, forger: Forger) -> None:
    forger.key = Ed25519PrivateKey.generate()

    assert refusal(await ask(api, forger.token())) == (401, "NotAuthenticated")


async def test_token_that_brings_its_own_key_is_refused(api: httpx.AsyncClient, forger: Forger) -> None:
    forger.key = Ed25519PrivateKey.generate()
    own = OKPAlgorithm.to_jwk(forger.key.public_key(), as_dict=True)

    assert refusal(await ask(api, forger.token(header={"jwk": own}))) == (401, "NotAuthenticated")


async def test_token_without_a_signature_is_refused(api: httpx.AsyncClient, forger: Forger) -> None:
    headers = {"kid": forger.key_id, "typ": "at+jwt"}
    unsigned = jwt.encode(forger.claims, "", algorithm="none", headers=headers)

    assert refusal(await ask(api, unsigned)) == (401, "NotAuthenticated")


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
async def test_public_key_is_no_shared_secret(api: httpx.AsyncClient, forger: Forger) -> None:
    headers = {"kid": forger.key_id, "typ": "at+jwt"}
    public = forger.key.public_key().public_bytes_raw()
    confused = jwt.encode(forger.claims, public, algorithm="HS256", headers=headers)

    assert refusal(await ask(api, confused)) == (401, "NotAuthenticated")


async def test_changed_signature_is_refused(api: httpx.AsyncClient, forger: Forger) -> None:
    token = forger.token()
    changed = token[:-10] + ("A" if token[-10] != "A" else "B") + token[-9:]

    assert refusal(await ask(api, changed)) == (401, "NotAuthenticated")


async def test_endless_token_is_refused(api: httpx.AsyncClient, forger: Forger) -> None:
    assert refusal(await ask(api, forger.token(padding="x" * 5000))) == (401, "NotAuthenticated")


async def test_session_token_is_no_access_token(api: httpx.AsyncClient, someone: SignedIn) -> None:
    assert refusal(await ask(api, someone.session["session_token"])) == (401, "NotAuthenticated")


async def test_token_opens_nothing_of_somebody_else(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    other = await make_account(resources)

    assert data(await ask(api, other.session["access_token"]))["_id"] == other.user["_id"]
    assert data(await ask(api, someone.session["access_token"]))["_id"] == someone.user["_id"]


@pytest.mark.parametrize("path", ROUTES)
async def test_token_of_an_ended_session_is_refused(api: httpx.AsyncClient, someone: SignedIn, path: str) -> None:
    await api.post("/auth/session/logout", json={"session_token": someone.session["session_token"]})

    assert refusal(await ask(api, someone.session["access_token"], path)) == (401, "SessionRevoked")


@pytest.mark.parametrize("path", ROUTES)
async def test_token_of_an_expired_session_is_refused(
    api: httpx.AsyncClient, someone: SignedIn, change_session: ChangeSession, path: str
) -> None:
    await change_session(someone.session["_id"], {"expires_at": datetime.now(UTC) - timedelta(seconds=1)})

    assert refusal(await ask(api, someone.session["access_token"], path)) == (401, "SessionExpired")


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("change", [{"session_epoch": 1}, {"is_active": False}], ids=["older epoch", "deactivated"])
async def test_token_dies_with_what_the_account_has_become(
    api: httpx.AsyncClient, someone: SignedIn, change_user: ChangeUser, path: str, change: dict[str, Any]
) -> None:
    await change_user(someone.user["_id"], change)

    assert refusal(await ask(api, someone.session["access_token"], path)) == (401, "SessionRevoked")
