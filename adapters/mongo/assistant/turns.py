"""Turns in MongoDB, as their users read them."""

from collections.abc import Sequence
from datetime import datetime

from bson import ObjectId

from adapters.mongo.assistant.chat_documents import find_kept
from adapters.mongo.assistant.sealed_words import ReadableWords
from adapters.mongo.assistant.turn_documents import OPEN, turn_from
from adapters.mongo.client import Database
from adapters.mongo.documents import documents_by_id
from domain.assistant.turns import Turn

NEWEST_FIRST = [("number", -1)]


class TurnStore:
    """Reads turns. One is found only by the user whose it is."""

    def __init__(self, database: Database, words: ReadableWords) -> None:
        self._turns = database["turns"]
        self._chats = database["chats"]
        self._by_id = documents_by_id(self._turns)
        self._words = words

    async def find(self, user_id: str, turn_id: str, now: datetime) -> Turn | None:
        """Return a turn of this user whose words are kept. Reads that meet are one query."""
        document = await self._by_id.run(ObjectId(turn_id))
        if document is None or document["user_id"] != ObjectId(user_id):
            return None
        is_kept = await find_kept(self._chats, [document["chat_id"]], now)
        return turn_from(document, self._words) if is_kept else None

    async def find_many(self, turn_ids: Sequence[str]) -> Sequence[Turn]:
        """Return those of the turns that there are, in one query, whoever owns them."""
        found = await self._turns.find({"_id": {"$in": list(map(ObjectId, turn_ids))}}).to_list()
        return [turn_from(document, self._words) for document in found]

    async def list_before(self, chat_id: str, number: int | None, *, limit: int) -> Sequence[Turn]:
        """Return the chat's turns with a number below this, the newest first; None: from the newest on."""
        older = {"chat_id": ObjectId(chat_id)} | ({"number": {"$lt": number}} if number is not None else {})
        found = await self._turns.find(older).sort(NEWEST_FIRST).limit(limit).to_list()
        return [turn_from(document, self._words) for document in found]

    async def list_open(self, chat_ids: Sequence[str]) -> Sequence[Turn]:
        """Return the turns of these chats that are not closed, in their order."""
        waiting = {"chat_id": {"$in": list(map(ObjectId, chat_ids))}, **OPEN}
        return [
            turn_from(document, self._words) for document in await self._turns.find(waiting).sort("number").to_list()
        ]
