"""Presence and the limit of sockets per user, over all processes."""

from contextlib import AsyncExitStack

import httpx
from websockets.exceptions import ConnectionClosed

from tests.support.envelope import data
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.websocket_client import connected, socket_of


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
