"""Who gets past the routes that need a bearer: nobody without a token of ours and a living session."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from adapters.resources import Resources
from tests.accounts import make_account
from tests.api.conftest import ChangeSession, ChangeUser
from tests.envelope import data, refusal
from tests.people import SignedIn

ROUTES = ["/users/profile/me", "/health/dependencies"]
ME = ROUTES[0]


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


async def ask(api: httpx.AsyncClient, token: str, path: str = ME) -> httpx.Response:
    return await api.get(path, headers={"Authorization": f"Bearer {token}"})


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
