"""Nothing is kept of peers who have gone, however they went: what they cost comes back."""

import asyncio
import gc
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest

from api.notifications.gateway.client_messages import ClientMessages
from api.notifications.gateway.connection import GatewayConnection
from api.notifications.gateway.rooms import Room
from api.notifications.gateway.socket import Socket
from config.settings import Settings
from tests.gateway.serving import serving
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.websocket_client import connected, socket_of

PEERS = 8
KINDS = (GatewayConnection, Socket, ClientMessages, Room)
"""What the gateway makes for a peer."""


async def floods(url: str, someone: SignedIn) -> None:
    async with socket_of(someone, url, after=0) as client:
        await asyncio.gather(*(client.send("ping") for _ in range(1_000)), return_exceptions=True)
        assert await client.closed() == 4429


async def talks_nonsense(url: str, someone: SignedIn) -> None:
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


async def never_says_who(url: str, someone: SignedIn) -> None:
    async with connected(url) as client:
        client.connection.transport.abort()


def kept() -> Counter[str]:
    """How many of each there are in this process."""
    gc.collect()
    return Counter(type(each).__name__ for each in gc.get_objects() if isinstance(each, KINDS))


@pytest.mark.parametrize("goes", [floods, talks_nonsense, sends_too_much, vanishes, never_says_who])
async def test_nothing_is_kept_of_who_has_gone(
    goes: Callable[[str, SignedIn], Awaitable[None]], settings: Settings, someone: SignedIn
) -> None:
    async def is_forgotten() -> bool:
        return kept() == before

    async with serving(settings) as url:
        before = kept()

        await asyncio.gather(*(goes(url, someone) for _ in range(PEERS)))

        await eventually(is_forgotten)
