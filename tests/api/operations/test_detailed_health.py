"""Detailed health: servers, sockets, chats, caches and models, for those who may read the state of the system."""

import secrets

import httpx
import pytest

from adapters.redis.model_health import MAX_FAILURES, ModelHealth
from adapters.resources import Resources
from api.access.known import CacheCounts, Known
from api.http.version import VERSION
from api.operations.detailed_health import HealthState, ProcessHealth
from api.operations.health_checks import DependencyHealth
from devstack.stack import Stack
from tests.support.chats import new_chat
from tests.support.envelope import Json, data, refusal
from tests.support.people import SignedIn
from tests.support.rights import make_admin
from tests.support.websocket_client import socket_of

DETAILED = "/health/detailed"
UP, AWAY = DependencyHealth(is_up=True, latency_ms=1.0), DependencyHealth(is_up=False, latency_ms=None)


async def read(api: httpx.AsyncClient, admin: SignedIn) -> Json:
    detailed: Json = data(await api.get(DETAILED, headers=admin.bearer))
    return detailed


async def test_root_says_what_is_here(api: httpx.AsyncClient) -> None:
    assert data(await api.get("/")) == {"name": "decode", "version": VERSION, "running": True}


async def test_detailed_health_is_for_those_who_may_read_the_system(api: httpx.AsyncClient, someone: SignedIn) -> None:
    assert refusal(await api.get(DETAILED)) == (401, "NotAuthenticated")
    assert refusal(await api.get(DETAILED, headers=someone.bearer)) == (403, "Forbidden")


async def test_process_shows_its_servers_and_what_it_holds(
    api: httpx.AsyncClient, stack: Stack, resources: Resources, someone: SignedIn
) -> None:
    admin = await make_admin(resources)
    await new_chat(api, someone)

    async with socket_of(someone, stack.url("api"), after=0):
        seen = await read(api, admin)

    checks = seen["checks"]
    assert seen["version"] == VERSION
    assert {checks[name]["state"] for name in ("mongodb", "redis", "temporal", "neo4j", "smtp")} == {"healthy"}
    assert checks["memory"]["rss_bytes"] > 10_000_000
    assert checks["sockets"]["notifications"] >= 1
    assert checks["chats"]["active"] >= 1
    assert checks["sessions_cache"]["size"] >= 1
    assert checks["models"].keys() == {"mock"}


async def test_model_that_fails_is_shown_with_its_last_error(resources: Resources) -> None:
    model, health = f"model-{secrets.token_hex(6)}", ModelHealth(resources.clients.redis)
    for _ in range(MAX_FAILURES):
        await health.record_failure(model, "503")

    states = await health.read([model])

    assert process(models=states).state is HealthState.DEGRADED
    assert states[model].last_error == "503"


def process(away: str | None = None, **parts: object) -> ProcessHealth:
    servers = {name: AWAY if name == away else UP for name in ("mongodb", "neo4j", "redis", "temporal", "smtp")}
    whole = {"uptime": 1, "memory_bytes": 1, "servers": servers, "sockets": {}, "chats": None, "models": {}}
    return ProcessHealth(**whole | {"sessions_cache": CacheCounts(0, 0, 0)} | parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("away", "state"), [(None, "healthy"), ("redis", "degraded"), ("smtp", "degraded"), ("mongodb", "unhealthy")]
)
def test_state_of_the_whole_is_that_of_its_worst_part(away: str | None, state: str) -> None:
    assert process(away).state == state


def test_cache_counts_what_was_there_and_what_was_not() -> None:
    known: Known[str] = Known(clock=lambda: 0.0)
    known.put("one", "user", "value", version=0)

    found = [known.find(name) for name in ("one", "two", "one")]

    assert found == ["value", None, "value"]
    assert known.counts == CacheCounts(size=1, hits=2, misses=1)
