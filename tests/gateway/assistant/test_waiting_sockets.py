"""What a socket is told while what it has asked waits for MongoDB."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from api.assistant.conversations import Conversations
from api.assistant.gateway.client_messages import ClientMessages
from config.settings import Settings
from tests.gateway.serving import serving
from tests.support.chat_client import ChatClient, Heard, chatting
from tests.support.people import SignedIn

COUNTED = " ".join(map(str, range(1, 31)))

Delay = Callable[[type, str], asyncio.Event]
"""Has a method return only when the event is set."""


@pytest.fixture
async def chat(settings: Settings, someone: SignedIn) -> AsyncIterator[tuple[ChatClient, ChatClient]]:
    """Two sockets in one chat, at an API in this process."""
    async with serving(settings) as url, chatting(someone, url) as one, chatting(someone, url, one.chat_id) as other:
        yield one, other


@pytest.fixture
def delay(monkeypatch: pytest.MonkeyPatch) -> Iterator[Delay]:
    events = []

    def delay(owner: type, name: str) -> asyncio.Event:
        method, released = getattr(owner, name), asyncio.Event()
        events.append(released)

        async def wait(*arguments: object) -> object:
            result = await method(*arguments)
            await released.wait()
            return result

        monkeypatch.setattr(owner, name, wait)
        return released

    yield delay
    for event in events:
        event.set()


async def test_stream_goes_on_while_its_socket_waits_for_something_else(
    chat: tuple[ChatClient, ChatClient], delay: Delay
) -> None:
    one, _ = chat
    before = await one.say("say before")
    await one.hear(before)
    turn_id = await one.say("count 2000")
    for owner, name, event, data in (
        (ClientMessages, "_push_history", "get_history", {}),
        (Conversations, "say", "user_message_stream", {"text": "say after"}),
        (Conversations, "read", "resume", {"turn_id": before}),
    ):
        released = delay(owner, name)
        await one.socket.send(event, **data)
        heard = await one.hear(turn_id, until_chunks=one.turns.get(turn_id, Heard()).chunks + 3, within=5)
        released.set()

        assert heard.end is None, event


async def test_message_is_accepted_before_its_turn_is_told(chat: tuple[ChatClient, ChatClient], delay: Delay) -> None:
    one, other = chat
    released = delay(Conversations, "say")
    await one.socket.send("user_message_stream", text="say hello")
    started = await other.socket.receive("stream_start")
    await other.hear(started["turn_id"])
    released.set()

    assert [(await one.socket.receive_any())[0] for _ in range(2)] == ["message_accepted", "stream_start"]


async def test_turn_that_is_resumed_is_told_from_one_place_only(
    chat: tuple[ChatClient, ChatClient], delay: Delay
) -> None:
    one, other = chat
    turn_id = await one.say("count 30")
    await one.hear(turn_id, until_chunks=2)
    released = delay(Conversations, "read")
    await one.resume(turn_id)
    await other.hear(turn_id)
    released.set()

    assert (await one.hear(turn_id)).text == COUNTED
