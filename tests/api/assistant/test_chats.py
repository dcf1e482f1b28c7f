"""Chats over HTTP: begun, listed, named, ended, reopened and deleted, by their user alone."""

from datetime import UTC, datetime, timedelta

import httpx
from bson import ObjectId

from adapters.resources import Resources
from domain.assistant.chats import MAX_LIVE_CHATS
from tests.support.chats import CHATS, TURNS, accepted, answered, new_chat, send
from tests.support.envelope import Json, data, details, fields, refusal
from tests.support.people import SignedIn
from tests.support.polling import eventually

SHAPE = {
    *("chat_id", "status", "ended_reason", "title", "model", "tools", "metadata", "message_count", "open_turns"),
    *("createdAt", "last_activity_at", "expires_at"),
}


async def read(api: httpx.AsyncClient, someone: SignedIn, chat_id: str) -> Json:
    chat: Json = data(await api.get(f"{CHATS}/{chat_id}", headers=someone.bearer))
    return chat


async def change_stored(resources: Resources, chat_id: str, **fields: object) -> None:
    """Write fields of a chat, as if time had passed."""
    await resources.clients.database["chats"].update_one({"_id": ObjectId(chat_id)}, {"$set": fields})


async def test_new_chat_is_active_and_empty(api: httpx.AsyncClient, someone: SignedIn) -> None:
    chat = await read(api, someone, await new_chat(api, someone, metadata={"page": "profile"}))

    assert chat.keys() == SHAPE
    assert (chat["status"], chat["message_count"], chat["metadata"]) == ("active", 0, {"page": "profile"})


async def test_same_key_begins_one_chat(api: httpx.AsyncClient, someone: SignedIn) -> None:
    headers = someone.bearer | {"Idempotency-Key": "first-chat"}

    begun = [data(await api.post(CHATS, json={}, headers=headers), 201)["chat_id"] for _ in range(2)]
    other = await api.post(CHATS, json={"metadata": {"page": "other"}}, headers=headers)

    assert begun[0] == begun[1]
    assert refusal(other) == (409, "IdempotencyKeyReused")


async def test_chats_are_listed_by_their_last_use(api: httpx.AsyncClient, someone: SignedIn) -> None:
    first, second = await new_chat(api, someone), await new_chat(api, someone)
    await answered(api, someone, first, "hello")

    page = data(await api.get(CHATS, params={"limit": 1}, headers=someone.bearer))
    cursor = page["meta"]["next_cursor"]
    rest = data(await api.get(CHATS, params={"limit": 1, "cursor": cursor}, headers=someone.bearer))

    assert [chat["chat_id"] for chat in page["chats"] + rest["chats"]] == [first, second]
    assert (page["meta"]["total"], rest["meta"]["is_last_page"]) == (2, True)


async def test_chat_is_named_and_unnamed(api: httpx.AsyncClient, someone: SignedIn) -> None:
    chat_id = await new_chat(api, someone)
    place = f"{CHATS}/{chat_id}"

    named = data(await api.patch(place, json={"title": "Plans"}, headers=someone.bearer))
    unnamed = data(await api.patch(place, json={"title": ""}, headers=someone.bearer))

    assert (named["title"], unnamed["title"]) == ("Plans", None)


async def test_title_is_refused_in_words_about_it(api: httpx.AsyncClient, someone: SignedIn) -> None:
    place = f"{CHATS}/{await new_chat(api, someone)}"

    refused = [
        await api.patch(place, json={"title": title}, headers=someone.bearer) for title in ("x" * 1_000, " \u2003")
    ]

    assert [details(each)[0]["message"] for each in refused] == [
        "Value should have at most 120 characters, not 1000",
        "write at least one word",
    ]


async def test_oldest_chat_ends_when_there_are_too_many(api: httpx.AsyncClient, someone: SignedIn) -> None:
    chats = [await new_chat(api, someone) for _ in range(MAX_LIVE_CHATS + 1)]

    first, second = await read(api, someone, chats[0]), await read(api, someone, chats[1])

    assert (first["status"], first["ended_reason"], second["status"]) == ("ended", "evicted", "active")
    assert refusal(await send(api, someone, chats[0], "hello")) == (410, "ChatExpired")


async def test_expired_chat_is_read_and_reopened(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    chat_id = await new_chat(api, someone)
    await answered(api, someone, chat_id, "hello")
    await change_stored(resources, chat_id, expires_at=datetime.now(UTC) - timedelta(seconds=1))

    expired, refused = await read(api, someone, chat_id), await send(api, someone, chat_id, "hello")
    reopened = data(await api.post(f"{CHATS}/{chat_id}/reopen", headers=someone.bearer))

    assert (expired["status"], expired["ended_reason"]) == ("ended", "idle")
    assert refusal(refused) == (410, "ChatExpired")
    assert (reopened["status"], reopened["message_count"]) == ("active", 2)


async def test_chat_past_its_retention_is_gone(api: httpx.AsyncClient, resources: Resources, someone: SignedIn) -> None:
    chat_id, long_ago = await new_chat(api, someone), datetime.now(UTC) - timedelta(days=31)
    await change_stored(resources, chat_id, expires_at=long_ago, delete_at=long_ago)
    await resources.assistant.upkeep.drop_words(datetime.now(UTC), limit=500)

    reopened = await api.post(f"{CHATS}/{chat_id}/reopen", headers=someone.bearer)
    messages = await api.get(f"{CHATS}/{chat_id}/messages", headers=someone.bearer)

    assert [refusal(each) for each in (reopened, messages)] == [(410, "ChatGone")] * 2


async def test_deleted_chat_leaves_nothing(api: httpx.AsyncClient, resources: Resources, someone: SignedIn) -> None:
    chat_id = await new_chat(api, someone)
    turn_id = (await accepted(api, someone, chat_id, "count 2000"))["turn_id"]

    data(await api.delete(f"{CHATS}/{chat_id}", headers=someone.bearer))

    assert refusal(await api.get(f"{CHATS}/{chat_id}", headers=someone.bearer)) == (404, "ChatNotFound")
    assert refusal(await api.get(f"{TURNS}/{turn_id}", headers=someone.bearer)) == (404, "TurnNotFound")

    async def is_gone() -> bool:
        database = resources.clients.database
        kept = [await database["turns"].find_one({"_id": ObjectId(turn_id)})]
        return kept == [None] and await database["chats"].find_one({"_id": ObjectId(chat_id)}) is None

    assert await eventually(is_gone)


async def test_metadata_and_model_are_checked(api: httpx.AsyncClient, someone: SignedIn) -> None:
    large = {"metadata": {"text": "x" * 4096}}

    bodies = (large, {"model": "oracle"}, {"tools": ["no-tool"]})
    refused = [await api.post(CHATS, json=body, headers=someone.bearer) for body in bodies]

    assert [fields(each) for each in refused] == [{"body.metadata"}, {"body.model"}, {"body.tools.0"}]


async def test_metadata_that_could_not_be_shown_again_is_refused(api: httpx.AsyncClient, someone: SignedIn) -> None:
    headers = someone.bearer | {"Content-Type": "application/json"}
    values = ("NaN", "1e999", '"\\ud800"', "[" * 300 + "]" * 300)

    refused = [await api.post(CHATS, content=f'{{"metadata": {{"a": {value}}}}}', headers=headers) for value in values]

    assert [details(each)[0] for each in refused] == [
        {"field": "body.metadata", "message": message}
        for message in (
            *["NaN and infinite numbers are no JSON"] * 2,
            "half a character is no text",
            "this is nested more than 32 deep",
        )
    ]


async def test_chat_lets_the_assistant_use_its_own_tools_alone(api: httpx.AsyncClient, someone: SignedIn) -> None:
    chat_id = await new_chat(api, someone, tools=["echo"])
    refused = await answered(api, someone, chat_id, 'call calculator {"expression": "1"}')

    changed = data(await api.patch(f"{CHATS}/{chat_id}", json={"tools": ["calculator"]}, headers=someone.bearer))
    allowed = await answered(api, someone, chat_id, 'call calculator {"expression": "1"}')

    assert changed["tools"] == ["calculator"]
    assert refused["parts"][0]["call"]["result"]["error"]["code"] == "UNAUTHORIZED"
    assert allowed["parts"][0]["call"]["result"]["success"]
