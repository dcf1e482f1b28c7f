"""Upkeep of chats in MongoDB: turns that wait for a wake-up, and words that are due to go."""

from collections.abc import Sequence
from datetime import datetime

from bson import ObjectId

from adapters.mongo.assistant.askers import AskerStore
from adapters.mongo.assistant.chat_documents import NOT_DELETED, due
from adapters.mongo.assistant.turn_documents import OPEN
from adapters.mongo.client import Database, Document
from domain.assistant.chats import ChatCounts, EndReason
from domain.assistant.turn_ends import TurnState
from domain.assistant.turns import TURN_TIMEOUT

LONGEST_RUN = 2 * TURN_TIMEOUT
WORDS: Document = {"title": "", "metadata": "", "delete_at": ""}


class ChatUpkeepStore:
    """Finds what the sweep has to do in chats, and drops the words of those that are over."""

    def __init__(self, database: Database, askers: AskerStore) -> None:
        self._askers = askers
        self._chats = database["chats"]
        self._turns = database["turns"]
        self._calls = database["tool_calls"]

    async def count_chats(self, now: datetime) -> ChatCounts:
        """Count the chats."""
        active = await self._chats.count_documents({"ended_reason": None, "expires_at": {"$gt": now}})
        return ChatCounts(active, await self._chats.estimated_document_count())

    async def find_waiting(self, *, before: datetime, limit: int) -> Sequence[str]:
        """Return the ids of chats with turns that wait since before this time, have waited for an approval until then,
        were to stop by then, or run for so long that no workflow can be answering them; of the `limit` oldest turns.
        """
        forgotten = [
            {"state": TurnState.QUEUED},
            {"state": TurnState.WAITING_APPROVAL, "decided_at": {"$lt": before}},
            {"stop_asked_at": {"$lt": before}},
            {"started_at": {"$lt": before - LONGEST_RUN}},
        ]
        waiting = {"open_since": {"$lt": before}, "$or": forgotten}
        found = await self._turns.find(waiting, {"chat_id": 1}).sort("open_since").limit(limit).to_list()
        return list(dict.fromkeys(str(document["chat_id"]) for document in found))

    async def find_orphaned(self, now: datetime, *, limit: int) -> Sequence[str]:
        """Return the ids of chats with turns that wait for an approval though the session or API key that has sent them
        has ended; of the `limit` oldest turns that wait.
        """
        waiting = {**OPEN, "state": TurnState.WAITING_APPROVAL, "asker_id": {"$ne": None}}
        fields = {"chat_id": 1, "asker_id": 1}
        found = await self._turns.find(waiting, fields).sort("open_since").limit(limit).to_list()
        living = await self._askers.find_many(list({each["asker_id"] for each in found}), now)
        return [str(each["chat_id"]) for each in found if each["asker_id"] not in living]

    async def find_oldest_open(self) -> datetime | None:
        """Return since when the oldest open turn is open, waiting or being answered; None when none is open."""
        oldest = await self._turns.find_one(OPEN, {"open_since": 1}, sort=[("open_since", 1)])
        return oldest["open_since"] if oldest else None

    async def drop_words(self, now: datetime, *, limit: int) -> int:
        """Drop all that was said in up to `limit` chats whose time is over. Returns how many. What is left of a chat
        says that there was one; of a deleted one nothing is left.
        """
        found = [document["_id"] for document in await self._chats.find(due(now), {"_id": 1}).limit(limit).to_list()]
        if found:
            await self._drop(found, now)
        return len(found)

    async def drop_chat(self, chat_id: str, now: datetime) -> None:
        """Drop all that was said in a deleted chat. If this is interrupted, the sweep does the rest."""
        deleted = ObjectId(chat_id)
        if await self._chats.find_one({"_id": deleted, "ended_reason": EndReason.DELETED}, {"_id": 1}):
            await self._drop([deleted], now)

    async def _drop(self, chats: Sequence[ObjectId], now: datetime) -> None:
        """Mark what is still due: from then on it is not reopened. Then the turns, after which no call of a tool is
        added, and the calls: while there are any, the chat says that they are due.
        """
        these = {"_id": {"$in": chats}}
        await self._chats.update_many({**these, **due(now)}, {"$set": {"gone_at": now}})
        gone = [chat["_id"] for chat in await self._chats.find({**these, "gone_at": now}, {"_id": 1}).to_list()]
        await self._turns.delete_many({"chat_id": {"$in": gone}})
        await self._calls.delete_many({"chat_id": {"$in": gone}})
        await self._chats.delete_many({"_id": {"$in": gone}, "ended_reason": EndReason.DELETED})
        await self._chats.update_many({"_id": {"$in": gone}, **NOT_DELETED}, {"$unset": WORDS})
