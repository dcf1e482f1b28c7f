"""Open sockets in Redis: counted by user and kind, over all processes, and expiring after a crash."""

import asyncio
import secrets
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from adapters.redis.client import open_redis
from adapters.redis.presence import PROCESS_TTL, SOCKET_TTL, USER_SOCKETS, Presence
from adapters.resources import Resources

SECOND = timedelta(seconds=1)
OTHER_KIND = "test_sockets"


def presence_of(resources: Resources, process: str, kind: str = USER_SOCKETS) -> Presence:
    return Presence(resources.clients.redis, kind, process)


@pytest.fixture
def presence(resources: Resources) -> Presence:
    """Presence in a process of the test's own."""
    return presence_of(resources, secrets.token_hex(6))


@pytest.fixture
def user_id() -> str:
    """Id of a user without sockets."""
    return str(ObjectId())


async def test_socket_of_a_dead_gateway_expires(presence: Presence, user_id: str) -> None:
    now = datetime.now(UTC)
    await presence.add_socket(user_id, "a-socket", now, max_sockets=10)

    assert await presence.is_online(user_id, now + SOCKET_TTL - SECOND)
    assert not await presence.is_online(user_id, now + SOCKET_TTL + SECOND)


async def test_renewed_socket_keeps_the_user_online(presence: Presence, user_id: str) -> None:
    now = datetime.now(UTC)
    await presence.add_socket(user_id, "a-socket", now, max_sockets=10)

    await presence.renew_sockets([(user_id, "a-socket")], now + SOCKET_TTL)

    assert await presence.is_online(user_id, now + SOCKET_TTL + SECOND)


async def test_user_counts_as_offline_while_redis_is_away(closed_port: int, user_id: str) -> None:
    async with open_redis(f"redis://127.0.0.1:{closed_port}") as redis:
        away = Presence(redis, USER_SOCKETS, secrets.token_hex(6))

        assert not await away.try_is_online(user_id, datetime.now(UTC))


async def test_users_asked_about_together_are_online_each_for_themselves_and_their_time(
    presence: Presence, user_id: str
) -> None:
    away, now = str(ObjectId()), datetime.now(UTC)
    await presence.add_socket(user_id, "a-socket", now, max_sockets=10)
    looks = [(away, now), (user_id, now), (user_id, now + SOCKET_TTL + SECOND)]

    are_online = await asyncio.gather(*(presence.is_online(*look) for look in looks))

    assert are_online == [False, True, False]


async def test_places_of_a_dead_gateway_are_freed_within_15_seconds(
    resources: Resources, presence: Presence, user_id: str
) -> None:
    now = datetime.now(UTC)
    await presence.add_socket(user_id, "first", now, max_sockets=1)

    living = presence_of(resources, "living")
    full = await living.add_socket(user_id, "second", now + PROCESS_TTL - SECOND, max_sockets=1)
    free = await living.add_socket(user_id, "second", now + PROCESS_TTL + SECOND, max_sockets=1)

    assert (full, free) == (False, True)
    assert timedelta(seconds=15) >= PROCESS_TTL


async def test_places_of_a_live_gateway_are_kept(resources: Resources, presence: Presence, user_id: str) -> None:
    now = datetime.now(UTC)
    await presence.add_socket(user_id, "first", now, max_sockets=1)

    await presence.renew_process(now + PROCESS_TTL)

    living = presence_of(resources, "living")
    assert not await living.add_socket(user_id, "second", now + PROCESS_TTL + SECOND, max_sockets=1)


async def test_sockets_of_another_kind_are_counted_apart_and_live_with_the_same_process(
    resources: Resources, user_id: str
) -> None:
    now, process = datetime.now(UTC), secrets.token_hex(6)
    kinds = [presence_of(resources, process, kind) for kind in (USER_SOCKETS, OTHER_KIND)]
    added = [await kind.add_socket(user_id, "first", now, max_sockets=1) for kind in kinds]

    await kinds[0].renew_process(now + PROCESS_TTL)

    later = now + PROCESS_TTL + SECOND
    places = [await kind.add_socket(user_id, "second", later, max_sockets=1) for kind in kinds]
    await kinds[0].remove_socket(user_id, "first")
    online = [await kind.is_online(user_id, now) for kind in kinds]
    assert (added, places, online) == ([True, True], [False, False], [False, True])
