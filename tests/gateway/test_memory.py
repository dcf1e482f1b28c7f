"""Objects of closed connections are freed, whichever way the connection ended; those of a handshake, at its end."""

import asyncio
import gc
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator

import pytest

from api.sockets.connection import GatewayConnection
from api.sockets.handshake import AuthenticatedClient
from api.sockets.message_loop import MessageRate
from api.sockets.open_sockets import Group
from api.sockets.socket import Socket
from config.settings import Settings
from tests.gateway.serving import serving
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.websocket_client import connected, socket_of

PEERS = 8
KINDS = (GatewayConnection, AuthenticatedClient, Socket, MessageRate, Group)
"""Classes of which the gateway makes instances per connection or user."""


@pytest.fixture(autouse=True)
def without_earlier_objects() -> Iterator[None]:
    """Have only what is made from here on searched: the tests before leave millions of objects, and each search of them
    takes a second.
    """
    gc.freeze()
    yield
    gc.unfreeze()


async def floods(url: str, someone: SignedIn) -> None:
    async with socket_of(someone, url, after=0) as client:
        await asyncio.gather(*(client.send("ping") for _ in range(1_000)), return_exceptions=True)
        assert await client.closed() == 4429


async def sends_bad_frames(url: str, someone: SignedIn) -> None:
    async with socket_of(someone, url, after=0) as client:
        for _ in range(10):
            await client.connection.send("x" * 60_000)
        assert await client.closed() == 4400


async def sends_too_much(url: str, someone: SignedIn) -> None:
    async with socket_of(someone, url, after=0) as client:
        await client.connection.send("x" * 65 * 1024)
        assert await client.closed() == 1009


async def vanishes(url: str, someone: SignedIn) -> None:
    async with socket_of(someone, url, after=0) as client:
        client.connection.transport.abort()


async def never_authenticates(url: str, someone: SignedIn) -> None:
    async with connected(url) as client:
        client.connection.transport.abort()


def kept() -> Counter[str]:
    """Return the number of live instances of each class in this process."""
    gc.collect()
    return Counter(type(each).__name__ for each in gc.get_objects() if isinstance(each, KINDS))


@pytest.mark.parametrize("goes", [floods, sends_bad_frames, sends_too_much, vanishes, never_authenticates])
async def test_closed_connection_leaves_no_objects(
    goes: Callable[[str, SignedIn], Awaitable[None]], settings: Settings, someone: SignedIn
) -> None:
    async def is_forgotten() -> bool:
        return kept() <= before

    async with serving(settings) as url:
        before = kept()

        await asyncio.gather(*(goes(url, someone) for _ in range(PEERS)))

        await eventually(is_forgotten)


async def test_open_socket_keeps_nothing_of_its_handshake(settings: Settings, someone: SignedIn) -> None:
    token = someone.bearer["Authorization"].removeprefix("Bearer ")
    async with serving(settings) as url, connected(url) as client:
        await client.send("authenticate", token=token)
        await client.receive("user_connected")

        assert kept()["AuthenticatedClient"] == 0
