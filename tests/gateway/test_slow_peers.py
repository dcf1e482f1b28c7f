"""Clients that do not read, do not answer, or connect in masses do not affect others."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from adapters.resources import Resources
from api.sockets import handshake as authentication
from api.sockets import socket_checks as rounds
from api.sockets.socket import MAX_WAITING_BYTES, MAX_WAITING_FRAMES
from config.settings import Settings
from tests.gateway.serving import serving
from tests.support.accounts import make_account
from tests.support.notifications import store_and_push
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.websocket_client import WebSocketClient, connected, socket_of

FLOOD = 1_500
"""About a megabyte: more than the queue and both kernels' buffers hold."""


@asynccontextmanager
async def lazy(url: str, someone: SignedIn) -> AsyncIterator[WebSocketClient]:
    """Connect a client that reads only when the test does, with a receive buffer of 4 KiB."""
    place = urlsplit(url)
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect((place.hostname, place.port))
    raw.setblocking(False)
    target = f"{url.replace('http', 'ws', 1)}/notifications?after=0"
    async with connect(
        target, sock=raw, additional_headers=someone.bearer, max_queue=1, close_timeout=1, ping_interval=None
    ) as connection:
        yield WebSocketClient(connection)


async def read_all(client: WebSocketClient) -> list[int]:
    """Return the seqs received until the socket is closed."""
    seqs: list[int] = []
    try:
        while True:
            seqs += await client.receive_seqs()
    except ConnectionClosed:
        return seqs


async def test_client_that_does_not_read_is_closed_and_resumes_without_loss(
    url: str, resources: Resources, someone: SignedIn
) -> None:
    async with socket_of(someone, url, after=0) as reader, lazy(url, someone) as slow:
        await slow.receive("user_connected")
        telling = asyncio.create_task(store_and_push(resources, someone.user["_id"], FLOOD))

        assert await reader.receive_seqs(FLOOD, within=60) == list(range(1, FLOOD + 1))
        await telling
        got = await read_all(slow)

    assert slow.connection.close_code == 1013
    assert got == list(range(1, len(got) + 1))
    assert len(got) < FLOOD
    async with socket_of(someone, url, after=got[-1]) as again:
        assert await again.receive_seqs(FLOOD - len(got)) == list(range(len(got) + 1, FLOOD + 1))


async def test_replay_waits_for_a_slow_client(url: str, resources: Resources, someone: SignedIn) -> None:
    """The queue is for pushed notifications. A replay is sent as fast as the client reads."""
    await store_and_push(resources, someone.user["_id"], FLOOD)

    async with lazy(url, someone) as slow:
        await slow.receive("user_connected")

        assert await slow.receive_seqs(FLOOD, within=60) == list(range(1, FLOOD + 1))


def test_queue_has_its_documented_bounds() -> None:
    assert (MAX_WAITING_FRAMES, MAX_WAITING_BYTES) == (64, 1024 * 1024)


async def test_client_that_does_not_answer_pings_is_dropped(
    settings: Settings, resources: Resources, someone: SignedIn, other: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the cable is cut: no frame arrives, not even a close."""
    monkeypatch.setattr(rounds, "SILENCE_CHECK_SECONDS", 0.05)
    monkeypatch.setattr(rounds, "PING_AFTER_SECONDS", 0.2)
    monkeypatch.setattr(rounds, "DROP_AFTER_SECONDS", 1.0)

    async def has_gone() -> bool:
        return not await resources.users.presence.is_online(someone.user["_id"], datetime.now(UTC))

    async with serving(settings) as url, socket_of(someone, url) as deaf, socket_of(other, url) as alive:
        deaf.connection.transport.pause_reading()
        await eventually(has_gone)
        deaf.connection.transport.resume_reading()

        assert await deaf.closed() == 1006
        await alive.send("ping")
        await alive.receive("pong")


async def test_excess_unauthenticated_sockets_are_refused_and_users_are_admitted(
    settings: Settings, someone: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authentication, "MAX_UNAUTHENTICATED", 3)
    async with serving(settings) as url:
        async with connected(url), connected(url), connected(url), connected(url) as fourth:
            assert await fourth.closed() == 1013
        async with socket_of(someone, url, after=0) as client:
            await client.receives_nothing("notification_received")


async def test_four_hundred_concurrent_connections_are_all_admitted(url: str, resources: Resources) -> None:
    """The gateway reads the inbox states of many users in one query."""
    people = await asyncio.gather(*(make_account(resources) for _ in range(40)))

    async def comes_in(someone: SignedIn) -> str:
        async with connected(url, someone.bearer) as client:
            return str((await client.receive("user_connected", within=60))["userId"])

    came = await asyncio.gather(*(comes_in(someone) for someone in people * 10))

    assert sorted(came) == sorted(someone.user["_id"] for someone in people * 10)
