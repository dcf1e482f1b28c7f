"""Health: what is public, and what only an admin may read."""

import httpx
import pytest

from api.http.version import VERSION
from config.settings import Settings
from tests.api.conftest import ChangeUser
from tests.support.envelope import data, refusal
from tests.support.people import SignedIn

DEPENDENCIES = "/health/dependencies"


@pytest.mark.parametrize("path", ["/health", "/health/live"])
async def test_live_process_returns_its_status(api: httpx.AsyncClient, path: str) -> None:
    seen = data(await api.get(path))

    assert seen.keys() == {"status", "timestamp", "service", "version"}
    assert (seen["status"], seen["service"], seen["version"]) == ("ok", "decode", VERSION)
    assert seen["timestamp"].endswith("Z")


async def test_process_with_all_its_servers_is_ready(api: httpx.AsyncClient) -> None:
    assert data(await api.get("/health/ready")) == {"status": "ok", "degraded": []}


@pytest.mark.defect(1)
@pytest.mark.parametrize("path", ["/health", "/health/live", "/health/ready"])
async def test_health_shows_no_configuration(api: httpx.AsyncClient, settings: Settings, path: str) -> None:
    response = await api.get(path)

    assert "://" not in response.text
    assert "127.0.0.1" not in response.text
    assert settings.mongodb_database not in response.json()["data"]


@pytest.mark.parametrize("path", ["/health", "/health/live", "/health/ready", "/.well-known/jwks.json"])
async def test_head_returns_the_headers_of_get(api: httpx.AsyncClient, path: str) -> None:
    same_id = {"X-Request-ID": "one-id-for-both"}

    read, asked = await api.get(path, headers=same_id), await api.head(path, headers=same_id)

    assert (asked.status_code, asked.content) == (200, b"")
    assert dict(asked.headers) == dict(read.headers)
    assert int(asked.headers["content-length"]) == len(read.content)


async def test_dependencies_need_a_token(api: httpx.AsyncClient) -> None:
    assert refusal(await api.get(DEPENDENCIES)) == (401, "NotAuthenticated")


@pytest.mark.parametrize("role", ["user", "moderator"])
async def test_dependencies_need_the_admin_role(
    api: httpx.AsyncClient, someone: SignedIn, change_user: ChangeUser, role: str
) -> None:
    await change_user(someone.user["_id"], {"role": role})

    assert refusal(await api.get(DEPENDENCIES, headers=someone.bearer)) == (403, "Forbidden")


@pytest.mark.defect(96)
async def test_admin_sees_each_server_and_its_latency(
    api: httpx.AsyncClient, someone: SignedIn, change_user: ChangeUser
) -> None:
    await change_user(someone.user["_id"], {"role": "admin"})

    seen = data(await api.get(DEPENDENCIES, headers=someone.bearer))

    assert seen.keys() == {"mongodb", "redis", "neo4j", "temporal", "smtp"}
    assert {one["is_up"] for one in seen.values()} == {True}
    assert all(0 < one["latency_ms"] < 1500 for one in seen.values())


async def test_role_is_read_from_the_account_and_not_from_the_token(
    api: httpx.AsyncClient, someone: SignedIn, change_user: ChangeUser
) -> None:
    await change_user(someone.user["_id"], {"role": "admin"})
    admin = data(await api.post("/auth/login", json=someone.person.credentials))
    await change_user(someone.user["_id"], {"role": "user"})

    response = await api.get(DEPENDENCIES, headers={"Authorization": f"Bearer {admin['access_token']}"})

    assert refusal(response) == (403, "Forbidden")
