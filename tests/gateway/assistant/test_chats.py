"""A chat on a socket: begun or restored, its history and state, its end, and who may do what."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from bson import ObjectId

from adapters.resources import Resources
from api.assistant.gateway import periodic_checks
from config.rates import Rate
from config.settings import Settings
from domain.assistant.chats import MAX_LIVE_CHATS, EndReason
from tests.gateway.serving import serving
from tests.support.api_keys import store_key, with_key
from tests.support.chat_client import chatting
from tests.support.chats import CHATS, answered, new_chat
from tests.support.envelope import Json, data
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.websocket_client import SOCKETIO, connected

SAYING: dict[str, Json] = {
    "user_message": {"text": "hello"},
    "user_message_stream": {"text": "hello"},
    "stop_turn": {"turn_id": "0" * 24},
    "retry_turn": {"turn_id": "0" * 24},
    "call_tool": {"toolName": "echo", "parameters": {"text": "hello"}},
    "answer_approval": {"call_id": "call-0001", "decision": "once"},
}
"""What a socket says that changes something."""


async def status(api: httpx.AsyncClient, someone: SignedIn, chat_id: str) -> str:
    return str(data(await api.get(f"{CHATS}/{chat_id}", headers=someone.bearer))["status"])


async def test_socket_without_a_chat_begins_one(url: str, api: httpx.AsyncClient, someone: SignedIn) -> None:
    async with chatting(someone, url) as client:
        assert client.greeting["sessionId"] == client.chat_id
        assert await status(api, someone, client.chat_id) == "active"


async def test_socket_restores_a_chat_with_its_messages(url: str, api: httpx.AsyncClient, someone: SignedIn) -> None:
    chat_id = await new_chat(api, someone)
    await answered(api, someone, chat_id, "say hello")

    async with chatting(someone, url, chat_id) as client:
        await client.socket.send("get_history")
        history = await client.socket.receive("conversation_history")
        await client.socket.send("get_session_info")
        info = await client.socket.receive("session_info")

    assert (client.chat_id, client.greeting["messageCount"]) == (chat_id, 2)
    assert [message["content"] for message in history["messages"]] == ["say hello", "hello"]
    assert (info["status"], info["messageCount"], info["openTurns"]) == ("active", 2, [])


async def test_ended_chat_is_named_and_another_begins(
    url: str, api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    chat_id = await new_chat(api, someone)
    past = {"$set": {"expires_at": datetime.now(UTC) - timedelta(seconds=1)}}
    await resources.clients.database["chats"].update_one({"_id": ObjectId(chat_id)}, past)

    async with connected(url, someone.bearer, query=f"?chat_id={chat_id}", path="/assistant") as socket:
        greeted = [await socket.receive_any() for _ in range(3)]

    assert [event for event, _ in greeted] == ["connected", "session_expired", "session_created"]
    assert greeted[1][1] == {"sessionId": chat_id, "reason": "idle"}
    assert greeted[2][1]["sessionId"] != chat_id


async def test_chat_is_disconnected_when_its_last_socket_has_gone(
    url: str, other_url: str, api: httpx.AsyncClient, someone: SignedIn
) -> None:
    async with chatting(someone, url) as first:
        async with chatting(someone, other_url, first.chat_id):
            pass
        still = await status(api, someone, first.chat_id)

    async def is_disconnected() -> bool:
        return await status(api, someone, first.chat_id) == "disconnected"

    assert still == "active"
    assert await eventually(is_disconnected)
    async with chatting(someone, url, first.chat_id):
        assert await status(api, someone, first.chat_id) == "active"


async def test_chat_that_expires_says_so(url: str, resources: Resources, settings: Settings, someone: SignedIn) -> None:
    async with serving(settings, chat_ttl_seconds=1) as short, chatting(someone, short) as client:
        expired = await client.socket.receive("session_expired")
        await client.socket.send("user_message", text="hello")
        refused = await client.socket.receive("error")

    assert (expired["reason"], refused["error"]) == ("idle", "ChatExpired")


async def test_chat_past_its_retention_tells_nothing_more(url: str, resources: Resources, someone: SignedIn) -> None:
    async with chatting(someone, url) as client:
        turn_id = await client.say("say hello")
        await client.hear(turn_id)
        over = dict.fromkeys(("expires_at", "delete_at"), datetime.now(UTC))
        await resources.clients.database["chats"].update_one({"_id": ObjectId(client.chat_id)}, {"$set": over})
        await client.socket.send("get_history")
        history = await client.socket.receive("error")
        await client.socket.send("resume", turn_id=turn_id)
        resumed = await client.socket.receive("error")

    assert (history["error"], resumed["error"]) == ("ChatGone", "TurnNotFound")


async def test_deleted_chat_says_so_to_its_sockets(url: str, api: httpx.AsyncClient, someone: SignedIn) -> None:
    async with chatting(someone, url) as client:
        data(await api.delete(f"{CHATS}/{client.chat_id}", headers=someone.bearer))

        assert (await client.socket.receive("session_destroyed"))["reason"] == "deleted"


async def test_what_is_asked_of_a_deleted_chat_is_not_found(
    url: str, api: httpx.AsyncClient, someone: SignedIn
) -> None:
    async with chatting(someone, url) as client:
        data(await api.delete(f"{CHATS}/{client.chat_id}", headers=someone.bearer))
        await client.socket.send("get_session_info")

        assert (await client.socket.receive("error"))["error"] == "ChatNotFound"


async def test_socket_of_what_is_no_chat_is_refused(url: str, someone: SignedIn) -> None:
    async with connected(url, someone.bearer, query="?chat_id=mine", path="/assistant") as socket:
        assert await socket.closed() == 4400


async def test_chat_whose_end_no_message_tells_is_looked_at_again(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, resources: Resources, someone: SignedIn
) -> None:
    monkeypatch.setattr(periodic_checks, "COMPARE_SECONDS", 0.2)
    async with serving(settings) as looking, chatting(someone, looking) as client:
        ended = {"$set": {"ended_reason": EndReason.EVICTED}}
        await resources.clients.database["chats"].update_one({"_id": ObjectId(client.chat_id)}, ended)

        assert (await client.socket.receive("session_destroyed"))["reason"] == "evicted"


async def test_chat_that_is_evicted_amid_a_turn_says_so_and_the_turn_is_stopped(
    url: str, api: httpx.AsyncClient, someone: SignedIn
) -> None:
    async with chatting(someone, url) as client:
        turn_id = await client.say("count 2000")
        await client.hear(turn_id, until_chunks=1)
        for _ in range(MAX_LIVE_CHATS):
            await new_chat(api, someone)
        destroyed = await client.socket.receive("session_destroyed")
        client.turns.clear()
        heard = await client.hear(turn_id)

    assert heard.end is not None
    assert (destroyed["reason"], heard.end["state"]) == ("evicted", "stopped")


@pytest.mark.parametrize("path", ["/assistant", SOCKETIO], ids=["plain", "Socket.IO"])
async def test_sixth_socket_of_a_user_is_refused(url: str, someone: SignedIn, path: str) -> None:
    async with (
        chatting(someone, url) as first,
        chatting(someone, url, first.chat_id),
        chatting(someone, url, first.chat_id),
        chatting(someone, url, first.chat_id),
        chatting(someone, url, first.chat_id),
        connected(url, someone.bearer, path=path) as sixth,
    ):
        assert await sixth.closed() == 4429


async def test_message_over_the_limit_is_named_and_not_taken(settings: Settings, someone: SignedIn) -> None:
    limits = {"rate_limits": "on", "limit_chat": Rate(1, 60)}
    async with serving(settings, **limits) as limited, chatting(someone, limited) as client:
        await client.hear(await client.say("say one"))
        await client.socket.send("user_message", text="say two")
        refused: Json = await client.socket.receive("rate_limit")

    assert (refused["code"], refused["remaining"]) == ("RATE_LIMIT_EXCEEDED", 0)
    assert 0 < refused["retryAfter"] <= 60


async def test_key_that_may_only_read_says_nothing(
    url: str, api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    chat_id = await new_chat(api, someone)
    key = await store_key(resources, someone.user["_id"], ["assistant:read"])

    refused = {}
    async with connected(url, with_key(key), query=f"?chat_id={chat_id}", path="/assistant") as socket:
        await socket.receive("session_restored")
        for event, asked in SAYING.items():
            await socket.send(event, **asked)
            refused[event] = (await socket.receive("error"))["error"]
        await socket.send("get_history")
        await socket.receive("conversation_history")

    assert refused == dict.fromkeys(SAYING, "ScopeMissing") | {"answer_approval": "KeyNotAllowed"}


@pytest.mark.parametrize(
    ("scope", "has_chat"),
    [("assistant:read", False), ("assistant:write", False), ("assistant:write", True)],
    ids=["reads, no chat yet", "writes, no chat yet", "writes, in a chat"],
)
async def test_socket_needs_the_scope_to_read_and_a_new_chat_that_to_write_too(
    url: str, api: httpx.AsyncClient, resources: Resources, someone: SignedIn, scope: str, has_chat: bool
) -> None:
    key = await store_key(resources, someone.user["_id"], [scope])
    query = f"?chat_id={await new_chat(api, someone)}" if has_chat else ""

    async with connected(url, with_key(key), query=query, path="/assistant") as socket:
        assert await socket.closed() == 4403
