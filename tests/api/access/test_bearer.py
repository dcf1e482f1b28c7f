"""The Authorization header: only a bearer token is accepted, in any letter case of the scheme."""

import httpx
import pytest

from tests.support.envelope import data, refusal
from tests.support.people import SignedIn

ME = "/users/profile/me"
NO_TOKEN = (401, "NotAuthenticated")


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer x", "Token x", "Basic dXNlcjpwYXNz", "Bearer a.b.c"])
@pytest.mark.parametrize("path", [ME, "/health/dependencies", "/auth/session/active"])
async def test_header_without_a_bearer_token_is_refused(api: httpx.AsyncClient, path: str, header: str | None) -> None:
    response = await api.get(path, headers={} if header is None else {"Authorization": header})

    assert refusal(response) == NO_TOKEN
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_letter_case_of_the_scheme_is_ignored(api: httpx.AsyncClient, someone: SignedIn, scheme: str) -> None:
    response = await api.get(ME, headers={"Authorization": f"{scheme} {someone.session['access_token']}"})

    assert data(response)["_id"] == someone.user["_id"]
