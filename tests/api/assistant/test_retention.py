"""Words past their retention are gone at once: the sweep drops later what no request reads any more."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from bson import ObjectId

from adapters.resources import Resources
from tests.support.accounts import make_account
from tests.support.approvals import APPROVALS, following, waiting_call
from tests.support.chats import CHATS, TURNS, accepted, answered, new_chat, send
from tests.support.envelope import data, refusal
from tests.support.people import SignedIn
from tests.support.sweep import pause_sweep

WORD, FIRST = f"word{secrets.token_hex(6)}", "first-message"


@dataclass(frozen=True)
class Gone:
    """A chat past its retention, with an answer, and a call that waits for its user. Nothing of it is dropped yet."""

    someone: SignedIn
    chat_id: str
    turn_id: str
    waiting_turn_id: str
    call_id: str

    @property
    def place(self) -> str:
        return f"{CHATS}/{self.chat_id}"


@pytest.fixture(scope="module")
async def resources(resources: Resources) -> AsyncIterator[Resources]:
    async with pause_sweep(resources):
        yield resources


@pytest.fixture
async def gone(api: httpx.AsyncClient, resources: Resources, someone: SignedIn) -> Gone:
    chat_id = await new_chat(api, someone, metadata={"note": WORD})
    data(await api.patch(f"{CHATS}/{chat_id}", json={"title": WORD}, headers=someone.bearer))
    sent = data(await send(api, someone, chat_id, f"say {WORD}", FIRST))
    waiting = await accepted(api, someone, chat_id, following(await make_account(resources)))
    call = await waiting_call(api, someone)
    over = datetime.now(UTC) - timedelta(seconds=1)
    ended = {"$set": {"expires_at": over, "delete_at": over}}
    await resources.clients.database["chats"].update_one({"_id": ObjectId(chat_id)}, ended)
    return Gone(someone, chat_id, sent["turn"]["turn_id"], waiting["turn_id"], call["call_id"])


async def test_chat_past_its_retention_is_known_without_a_word(api: httpx.AsyncClient, gone: Gone) -> None:
    await answered(api, gone.someone, kept := await new_chat(api, gone.someone), "hello")

    chat = data(await api.get(gone.place, headers=gone.someone.bearer))
    listed = data(await api.get(CHATS, headers=gone.someone.bearer))
    waiting = data(await api.get(APPROVALS, headers=gone.someone.bearer))

    assert (chat["status"], chat["title"], chat["metadata"]) == ("ended", None, {})
    assert ([each["chat_id"] for each in listed["chats"]], listed["meta"]["total"]) == ([kept], 1)
    assert waiting["approvals"] == []


async def test_words_past_their_retention_are_neither_read_nor_brought_back(api: httpx.AsyncClient, gone: Gone) -> None:
    headers, turn = gone.someone.bearer, f"{TURNS}/{gone.turn_id}"
    asked = {
        "messages": await api.get(f"{gone.place}/messages", headers=headers),
        "name": await api.patch(gone.place, json={"title": "mine"}, headers=headers),
        "reopen": await api.post(f"{gone.place}/reopen", headers=headers),
        "repeat": await send(api, gone.someone, gone.chat_id, f"say {WORD}", FIRST),
        "turn": await api.get(turn, headers=headers),
        "stop": await api.post(f"{TURNS}/{gone.waiting_turn_id}/stop", headers=headers),
        "retry": await api.post(f"{turn}/retry", headers=headers),
        "approve": await api.post(f"{APPROVALS}/{gone.call_id}", json={"decision": "once"}, headers=headers),
    }

    assert {name: refusal(answer) for name, answer in asked.items()} == {
        **dict.fromkeys(("messages", "name", "reopen"), (410, "ChatGone")),
        "repeat": (410, "ChatExpired"),
        **dict.fromkeys(("turn", "stop", "retry"), (404, "TurnNotFound")),
        "approve": (404, "ApprovalNotFound"),
    }
    assert data(await api.get(gone.place, headers=headers))["status"] == "ended"


async def test_words_past_their_retention_are_in_no_export(resources: Resources, gone: Gone) -> None:
    records, user_id, now = resources.accounts.personal_records, gone.someone.user["_id"], datetime.now(UTC)

    rows = [row for noun in ("chats", "turns", "tool_calls") async for row in records.rows(noun, user_id, now)]

    assert rows == []
