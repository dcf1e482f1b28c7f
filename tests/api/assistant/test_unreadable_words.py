"""Words whose key was withdrawn are empty to their user: they break neither a list nor what comes after them."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from bson import ObjectId

from adapters.resources import Resources
from tests.support.accounts import make_account
from tests.support.approvals import APPROVALS, decide, following, waiting_call
from tests.support.chats import CHATS, accepted, answered, new_chat, read_turn, said
from tests.support.envelope import Json, data, refusal
from tests.support.people import SignedIn

WITHDRAWN = "withdrawn"


async def withdraw_key(resources: Resources, chat_id: str) -> None:
    """As if the key were gone that all words of the chat are sealed with."""
    database, of_chat = resources.clients.database, {"chat_id": ObjectId(chat_id)}
    sealed: dict[str, tuple[dict[str, Any], list[str]]] = {
        "chats": ({"_id": ObjectId(chat_id)}, ["title", "metadata"]),
        "turns": (of_chat, ["text"]),
        "tool_calls": (of_chat, ["tool", "arguments"]),
    }
    for name, (query, fields) in sealed.items():
        change = {"$set": {f"{field}.key_id": WITHDRAWN for field in fields}}
        await database[name].update_many(query, change)
    said_something = of_chat | {"parts.0.text.key_id": {"$exists": True}}
    await database["turns"].update_many(said_something, {"$set": {"parts.0.text.key_id": WITHDRAWN}})


@pytest.fixture
async def chat_id(api: httpx.AsyncClient, someone: SignedIn) -> str:
    """Of a chat with a title and an answer."""
    chat_id = await new_chat(api, someone, metadata={"page": "profile"})
    data(await api.patch(f"{CHATS}/{chat_id}", json={"title": "Plans"}, headers=someone.bearer))
    await answered(api, someone, chat_id, "say hello")
    return chat_id


async def test_chat_that_cannot_be_read_is_listed_beside_others(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, chat_id: str
) -> None:
    other = await new_chat(api, someone, metadata={"page": "other"})
    await withdraw_key(resources, chat_id)

    listed = data(await api.get(CHATS, headers=someone.bearer))["chats"]
    renamed = data(await api.patch(f"{CHATS}/{chat_id}", json={"title": "Again"}, headers=someone.bearer))

    assert [(each["chat_id"], each["title"], each["metadata"]) for each in listed] == [
        (other, None, {"page": "other"}),
        (chat_id, None, {}),
    ]
    assert renamed["title"] == "Again"


async def test_chat_that_cannot_be_read_is_answered_in(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, chat_id: str
) -> None:
    await withdraw_key(resources, chat_id)

    later = await answered(api, someone, chat_id, "say more")
    found: list[Json] = data(await api.get(f"{CHATS}/{chat_id}/messages", headers=someone.bearer))["messages"]
    first = await read_turn(api, someone, found[0]["turn_id"])

    assert [each["content"] for each in found] == ["", "", "say more", "more"]
    assert (later["state"], said(first)) == ("completed", "")


async def test_call_that_cannot_be_read_is_not_approved(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, chat_id: str
) -> None:
    turn = await accepted(api, someone, chat_id, following(await make_account(resources)))
    call = await waiting_call(api, someone)
    await withdraw_key(resources, chat_id)

    shown = await read_turn(api, someone, turn["turn_id"])

    assert (shown["state"], [part["call"] for part in shown["parts"]]) == ("waiting_approval", [None])
    assert data(await api.get(APPROVALS, headers=someone.bearer))["approvals"] == []
    assert refusal(await decide(api, someone, call, "once")) == (404, "ApprovalNotFound")


async def test_export_has_all_that_can_be_read(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, chat_id: str
) -> None:
    await new_chat(api, someone, metadata={"page": "other"})
    await withdraw_key(resources, chat_id)

    records, now = resources.accounts.personal_records, datetime.now(UTC)
    chats = [row async for row in records.rows("chats", someone.user["_id"], now)]
    turns = [row async for row in records.rows("turns", someone.user["_id"], now)]

    assert {row["metadata"] for row in chats} == {"", '{"page": "other"}'}
    assert [row["text"] for row in turns] == [""]
