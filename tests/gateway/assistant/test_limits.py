"""Limits count over sockets, requests and all processes together: a user's messages and calls, and what a key asks."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import httpx
import pytest

from config.rates import Rate
from config.settings import Settings
from tests.gateway.serving import serving
from tests.support.api_keys import make_key, with_key
from tests.support.chat_client import chatting
from tests.support.chats import CHATS, new_chat, send
from tests.support.clients import client_of
from tests.support.envelope import Json, data, refusal
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.signed_in import on_device
from tests.support.websocket_client import WebSocketClient, connected

LIMITED = {"rate_limits": "on", "limit_chat": Rate(10, 60), "limit_tools": Rate(10, 60)}
ANSWERS = {
    "user_message": "message_accepted",
    "call_tool": "tool_result",
    "get_history": "conversation_history",
    "get_session_info": "session_info",
}
ECHO: Json = {"toolName": "echo", "parameters": {"text": "yes"}}
Request = Callable[[httpx.AsyncClient, SignedIn, str], Awaitable[httpx.Response]]


@pytest.fixture(scope="module")
async def urls(settings: Settings) -> AsyncIterator[tuple[str, str]]:
    """Of two APIs with limits, on the same servers."""
    async with serving(settings, **LIMITED) as first, serving(settings, **LIMITED) as second:
        yield first, second


async def taken(socket: WebSocketClient, event: str, *, count: int = 1, **asked: object) -> int:
    """How many of so many messages at once are answered, and not by the limit."""
    for _ in range(count):
        await socket.send(event, **asked)
    answers = list[str]()
    while len(answers) < count:
        answer, _ = await socket.receive_any()
        answers += [answer] * (answer in (ANSWERS[event], "rate_limit"))
    return answers.count(ANSWERS[event])


async def say(api: httpx.AsyncClient, someone: SignedIn, chat_id: str) -> httpx.Response:
    return await send(api, someone, chat_id, "say yes")


async def read_tool(api: httpx.AsyncClient, someone: SignedIn, chat_id: str) -> httpx.Response:
    return await api.get("/assistant/tools/echo", headers=someone.bearer)


@pytest.mark.parametrize(
    ("event", "asked", "request_it"),
    [("user_message", {"text": "say yes"}, say), ("call_tool", ECHO, read_tool)],
    ids=["messages", "calls"],
)
async def test_fifteen_at_once_by_socket_and_request_at_two_processes_are_ten(
    urls: tuple[str, str], someone: SignedIn, event: str, asked: Json, request_it: Request
) -> None:
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(chatting(someone, url)) for url in urls * 2]
        apis = [await stack.enter_async_context(client_of(url)) for url in (*urls, urls[0])]
        chat_id = await new_chat(apis[0], someone)

        by_socket = asyncio.gather(*(taken(client.socket, event, count=3, **asked) for client in clients))
        by_request = asyncio.gather(*(request_it(api, someone, chat_id) for api in apis))
        refused = [each for each in await by_request if each.status_code == 429]

        assert sum(await by_socket) + len(apis) - len(refused) == 10


async def test_what_a_key_asks_on_a_socket_counts_for_its_limit(
    urls: tuple[str, str], api: httpx.AsyncClient, someone: SignedIn
) -> None:
    """The socket, the message, the history and the request at another process are four."""
    scopes = ["assistant:read", "assistant:write"]
    key, secret = await make_key(api, someone, scopes, limit={"count": 4, "seconds": 60})
    place = f"?chat_id={await new_chat(api, someone)}"
    async with (
        client_of(urls[1]) as other,
        connected(urls[0], with_key(secret), query=place, path="/assistant") as socket,
    ):
        within = await taken(socket, "user_message", text="say yes"), await taken(socket, "get_history")
        listed = await other.get(CHATS, headers=with_key(secret))
        over = await taken(socket, "user_message", text="say no"), await taken(socket, "call_tool", **ECHO)
        refused = await other.get(CHATS, headers=with_key(secret))

        data(await api.patch(f"/api-keys/{key['_id']}", json={"limit": None}, headers=on_device(someone)))

        assert await eventually(lambda: taken(socket, "get_session_info"))
    assert (within, listed.status_code, over) == ((1, 1), 200, (0, 0))
    assert refusal(refused) == (429, "RateLimited")
