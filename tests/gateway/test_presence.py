"""Presence and the limit of sockets per user: over all processes, and expiring after a crash."""

import asyncio
import secrets
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import httpx
from websockets.exceptions import ConnectionClosed

from adapters.redis.presence import PROCESS_TTL, SOCKET_TTL, Presence
from adapters.resources import Resources
from tests.support.envelope import data
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.websocket_client import connected, socket_of

SECOND = timedelta(seconds=1)


async def is_online(api: httpx.AsyncClient, someone: SignedIn) -> bool:
    return bool(data(await api.get(f"/users/profile/{someone.user['_id']}"))["is_online"])


async def test_user_is_online_until_the_last_socket_closes(
    url: str, other_url: str, api: httpx.AsyncClient, someone: SignedIn
) -> None:
    async def has_gone() -> bool:
        return not await is_online(api, someone)

    before = await is_online(api, someone)
    async with socket_of(someone, url, after=0):
        async with socket_of(someone, other_url, after=0):
            with_two = await is_online(api, someone)
        with_one = await is_online(api, someone)

    assert (before, with_two, with_one) == (False, True, True)
    assert await eventually(has_gone)


async def test_socket_of_a_dead_gateway_expires(resources: Resources, someone: SignedIn) -> None:
    user_id, now = someone.user["_id"], datetime.now(UTC)
    await resources.users.presence.add_socket(user_id, "a-socket", now, max_sockets=10)

    assert await resources.users.presence.is_online(user_id, now + SOCKET_TTL - SECOND)
    assert not await resources.users.presence.is_online(user_id, now + SOCKET_TTL + SECOND)


async def test_renewed_socket_keeps_the_user_online(resources: Resources, someone: SignedIn) -> None:
    user_id, now = someone.user["_id"], datetime.now(UTC)
    await resources.users.presence.add_socket(user_id, "a-socket", now, max_sockets=10)

    await resources.users.presence.renew_sockets([(user_id, "a-socket")], now + SOCKET_TTL)

    assert await resources.users.presence.is_online(user_id, now + SOCKET_TTL + SECOND)


async def test_users_asked_about_together_are_online_each_for_themselves_and_their_time(
    resources: Resources, someone: SignedIn, other: SignedIn
) -> None:
    here, away, now = someone.user["_id"], other.user["_id"], datetime.now(UTC)
    await resources.users.presence.add_socket(here, "a-socket", now, max_sockets=10)
    looks = [(away, now), (here, now), (here, now + SOCKET_TTL + SECOND)]

    are_online = await asyncio.gather(*(resources.users.presence.is_online(*look) for look in looks))

    assert are_online == [False, True, False]


async def test_eleventh_socket_is_refused_at_every_process(
    url: str, other_url: str, someone: SignedIn, other: SignedIn
) -> None:
    async with AsyncExitStack() as stack:
        for number in range(10):
            await stack.enter_async_context(socket_of(someone, (url, other_url)[number % 2], after=0))

        for place in (url, other_url):
            async with connected(place, someone.bearer) as eleventh:
                assert await eleventh.closed() == 4429
        async with socket_of(other, url, after=0) as theirs:
            await theirs.receives_nothing("notification_received")


async def test_closed_socket_frees_its_place(url: str, someone: SignedIn) -> None:
    async def has_place() -> bool:
        async with connected(url, someone.bearer) as client:
            try:
                return bool(await client.receive("user_connected"))
            except ConnectionClosed:
                return False

    async with AsyncExitStack() as stack:
        for _ in range(9):
            await stack.enter_async_context(socket_of(someone, url, after=0))
        async with socket_of(someone, url, after=0):
            pass

        assert await eventually(has_place)


async def test_places_of_a_dead_gateway_are_freed_within_15_seconds(resources: Resources, someone: SignedIn) -> None:
    user_id, now = someone.user["_id"], datetime.now(UTC)
    for _ in range(10):
        await resources.users.presence.add_socket(user_id, secrets.token_hex(4), now, max_sockets=10)

    living = Presence(resources.clients.redis)
    full = await living.add_socket(user_id, "eleventh", now + PROCESS_TTL - SECOND, max_sockets=10)
    free = await living.add_socket(user_id, "eleventh", now + PROCESS_TTL + SECOND, max_sockets=10)

    assert (full, free) == (False, True)
    assert timedelta(seconds=15) >= PROCESS_TTL


async def test_places_of_a_live_gateway_are_kept(resources: Resources, someone: SignedIn) -> None:
    user_id, now = someone.user["_id"], datetime.now(UTC)
    for _ in range(10):
        await resources.users.presence.add_socket(user_id, secrets.token_hex(4), now, max_sockets=10)

    await resources.users.presence.renew_process(now + PROCESS_TTL)

    assert not await Presence(resources.clients.redis).add_socket(
        user_id, "eleventh", now + PROCESS_TTL + SECOND, max_sockets=10
    )
