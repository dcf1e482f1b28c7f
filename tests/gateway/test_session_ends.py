"""A socket stays open past its access token and closes when its session ends, on every process."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from adapters.crypto.access_tokens import ACCESS_TOKEN_TTL
from adapters.resources import Resources
from config.settings import Settings
from domain.assistant.turn_ends import TurnState
from tests.gateway.serving import serving
from tests.security.test_two_processes import ENDS, End
from tests.support.accounts import make_account
from tests.support.approvals import following
from tests.support.chat_client import chatting
from tests.support.chats import closed, read_turn
from tests.support.envelope import data
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.signed_in import on_device, signed_in_again
from tests.support.talks import talks_of
from tests.support.websocket_client import SOCKETIO, connected, socket_of

PATHS = ("/notifications", "/assistant", SOCKETIO)
PROMISED_SECONDS = 5.5
"""Five seconds, and half a second for the way."""


@pytest.fixture
async def deaf_url(settings: Settings) -> AsyncIterator[str]:
    """URL of an API that gets no invalidation: its Redis is unavailable."""
    async with serving(settings, redis_url=type(settings.redis_url)("redis://:x@127.0.0.1:1/0")) as url:
        yield url


@pytest.mark.defect(29)
async def test_sockets_of_an_ended_session_are_closed_everywhere(
    url: str, other_url: str, deaf_url: str, api: httpx.AsyncClient, resources: Resources
) -> None:
    """Every way of ending a session, side by side: each waits seconds for the process without invalidations."""
    urls = (url, other_url, deaf_url)

    owners = [await make_account(resources) for _ in ENDS]

    codes = await asyncio.gather(*(close_codes(urls, api, *each) for each in zip(owners, ENDS, strict=True)))

    assert {end.__name__: found for end, found in zip(ENDS, codes, strict=True)} == {
        end.__name__: [4409] * len(urls) * len(PATHS) for end in ENDS
    }


async def close_codes(urls: Sequence[str], api: httpx.AsyncClient, someone: SignedIn, end: End) -> list[int]:
    """End a session that has both sockets at each of these. Returns what the sockets are closed with, in time."""
    session = data(await api.post("/auth/login", json=someone.person.credentials))
    bearer = {"Authorization": f"Bearer {session['access_token']}"}
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(connected(url, bearer, path=path)) for url in urls for path in PATHS]
        for client in clients:
            await client.receive()
        await end(api, someone, session)
        return [await client.closed(within=PROMISED_SECONDS) for client in clients]


async def test_sockets_of_a_deactivated_account_are_closed(
    url: str, other_url: str, api: httpx.AsyncClient, someone: SignedIn
) -> None:
    async with socket_of(someone, url, after=0) as here, socket_of(someone, other_url, after=0) as there:
        data(await api.patch("/users/account/deactivate", headers=on_device(someone)))

        assert [await client.closed(within=PROMISED_SECONDS) for client in (here, there)] == [4409, 4409]


async def test_chat_of_an_account_that_is_deactivated_amid_a_turn_is_closed_and_the_turn_stopped(
    url: str, other_url: str, api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    async with chatting(someone, url) as here, chatting(someone, other_url, here.chat_id) as there:
        turn_id = await here.say("count 2000")
        await here.hear(turn_id, until_chunks=1)
        data(await api.patch("/users/account/deactivate", headers=on_device(someone)))

        assert [await client.socket.closed(within=PROMISED_SECONDS) for client in (here, there)] == [4409, 4409]

    async def is_stopped() -> bool:
        return (await talks_of(resources, someone.user["_id"]).turn(turn_id)).state is TurnState.STOPPED

    assert await eventually(is_stopped)


@pytest.mark.parametrize("event", ["stream_chunk", "approval_requested"])
async def test_sign_out_amid_a_turn_stops_what_was_sent_in_that_session_alone(
    url: str, api: httpx.AsyncClient, someone: SignedIn, other: SignedIn, event: str
) -> None:
    there = await signed_in_again(api, someone)
    message = "count 2000" if event == "stream_chunk" else following(other)
    async with chatting(someone, url) as stays, chatting(there, url) as goes:
        kept, lost = await stays.say("count 2000"), await goes.say(message)
        await goes.socket.receive(event)
        data(await api.post("/auth/session/logout", json={"session_token": there.session["session_token"]}))

        assert await goes.socket.closed(within=PROMISED_SECONDS) == 4409
        ended = await closed(api, someone, lost)
        going_on = await read_turn(api, someone, kept)

    assert (ended["state"], going_on["state"]) == ("stopped", "running")


async def test_sockets_of_other_sessions_stay_open(url: str, api: httpx.AsyncClient, someone: SignedIn) -> None:
    ended = data(await api.post("/auth/login", json=someone.person.credentials))
    bearer = {"Authorization": f"Bearer {ended['access_token']}"}

    async with socket_of(someone, url, after=0) as stays, connected(url, bearer) as goes:
        await goes.receive("user_connected")
        data(await api.post("/auth/session/logout", json={"session_token": ended["session_token"]}))

        assert await goes.closed(within=PROMISED_SECONDS) == 4409
        await stays.send("ping")
        await stays.receive("pong")


async def test_socket_stays_open_after_its_access_token_expires(
    url: str, api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    found = await resources.auth.sessions.find(someone.session["_id"])
    assert found is not None
    nearly_over = datetime.now(UTC) - ACCESS_TOKEN_TTL + timedelta(seconds=2)
    bearer = {"Authorization": f"Bearer {resources.auth.access_tokens.mint(found, nearly_over)}"}

    async def is_over() -> bool:
        return (await api.get("/auth/user/current", headers=bearer)).status_code == 401

    async with connected(url, bearer, query="?after=0") as client:
        await client.receive("user_connected")
        await eventually(is_over)

        await client.send("ping")
        await client.receive("pong")
    async with connected(url, bearer) as client:
        assert await client.closed() == 4401
