"""Answers in MongoDB: how the workflow of a chat and the activities that speak write them.

Each try at a round has a writer number. What an older one writes is refused: a worker that only seemed dead adds
nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import pymongo
from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import ConnectionFailure, PyMongoError

from adapters.mongo.assistant.askers import AskerStore
from adapters.mongo.assistant.closing import TurnClosing
from adapters.mongo.assistant.sealed_words import SealedWords
from adapters.mongo.assistant.turn_documents import OPEN, part_document, turn_from, usage_document
from adapters.mongo.client import Client, Database, Document
from adapters.mongo.transactions import in_transaction
from domain.assistant.conversation import MAX_TURNS
from domain.assistant.turn_ends import RoundEnd, TurnEnd, TurnState
from domain.assistant.turns import Part, PartKind, Turn, Usage
from domain.assistant.writing import Draft, NewerWriter

DROPPED = Part(PartKind.TEXT, is_whole=True, is_dropped=True)
ANSWERED = [TurnState.RUNNING, TurnState.WAITING_APPROVAL]
SAVE_TIMEOUT_SECONDS = 1
"""How long an answer that is being said waits for MongoDB."""


@dataclass(frozen=True)
class WriterTurn:
    """A turn of which a try has become the writer. `rounds`: how the rounds ended that did, by name."""

    turn: Turn
    writer: int
    rounds: Sequence[str]


class AnswerStore:
    """Begins, writes and closes answers."""

    def __init__(
        self, client: Client, database: Database, askers: AskerStore, closing: TurnClosing, words: SealedWords
    ) -> None:
        self._client = client
        self._askers = askers
        self._turns = database["turns"]
        self._closing = closing
        self._words = words

    async def begin(self, chat_id: str, now: datetime) -> Turn | None:
        """Return the chat's oldest open turn, which is being answered from now on; None without one."""

        async def work(tx: AsyncClientSession) -> Document | None:
            turn = await self._turns.find_one({"chat_id": ObjectId(chat_id), **OPEN}, sort=[("number", 1)], session=tx)
            if turn is None or turn["state"] != TurnState.QUEUED:
                return turn
            self._closing.publish_after(tx, turn)
            return await self._turns.find_one_and_update(
                {"_id": turn["_id"]},
                {"$set": {"state": TurnState.RUNNING, "started_at": now}},
                session=tx,
                return_document=ReturnDocument.AFTER,
            )

        found = await in_transaction(self._client, work)
        return turn_from(found, self._words) if found else None

    async def take(self, turn_id: str, attempt: int, model: str | None = None) -> WriterTurn | None:
        """Become the writer of this attempt at the turn; None if it is closed. `model`: who is to say more."""
        running = {"_id": ObjectId(turn_id), "attempt": attempt, "state": {"$in": ANSWERED}}
        fields = {"state": TurnState.RUNNING} | ({"model": model} if model else {})
        found = await self._turns.find_one_and_update(
            running,
            {"$inc": {"writer": 1}, "$set": fields},
            return_document=ReturnDocument.AFTER,
        )
        if found is None:
            return None
        return WriterTurn(turn_from(found, self._words), found["writer"], found["rounds"])

    async def find(self, turn_id: str) -> Turn | None:
        """Return the turn; None when there is none (any more)."""
        found = await self._turns.find_one({"_id": ObjectId(turn_id)})
        return turn_from(found, self._words) if found else None

    async def set_waiting(self, turn: Turn, *, is_waiting: bool) -> None:
        """Record whether the turn waits for its user. Decisions made so far need no other wake-up: its calls are looked
        at next. Without effect on one that is closed.
        """
        answered = {"_id": ObjectId(turn.turn_id), "attempt": turn.attempt, "state": {"$in": ANSWERED}}
        state = TurnState.WAITING_APPROVAL if is_waiting else TurnState.RUNNING
        await self._turns.update_one(answered, {"$set": {"state": state}, "$unset": {"decided_at": ""}})

    async def list_earlier(self, turn: Turn) -> Sequence[Turn]:
        """Return the turns of the chat before this one, oldest first, as many as a model is shown."""
        earlier = {"chat_id": ObjectId(turn.chat_id), "number": {"$lt": turn.number}}
        found = await self._turns.find(earlier).sort("number", -1).limit(MAX_TURNS).to_list()
        return [turn_from(document, self._words.readable) for document in reversed(found)]

    async def is_to_stop(self, turn: Turn, now: datetime) -> bool:
        """Return whether a turn's user has asked to stop it, or the session or API key that has sent it has ended."""
        return turn.stop_asked_at is not None or await self._askers.find(turn.asker_id, now) is None

    async def save(self, draft: Draft) -> bool:
        """Write a part, and return whether the turn's user asked to stop it. Raises NewerWriter."""
        written = await self._write(draft, {"$set": self._fields(draft, is_whole=False)})
        return written["stop_asked_at"] is not None

    async def try_save(self, draft: Draft, now: datetime) -> bool:
        """Write a part, and return whether the turn is to stop. Without effect while MongoDB is away, as the end of the
        round writes all. Raises NewerWriter.
        """
        try:
            with pymongo.timeout(SAVE_TIMEOUT_SECONDS):
                return await self.save(draft) or await self._askers.find(draft.turn.asker_id, now) is None
        except PyMongoError as error:
            if not _is_away(error):
                raise
            return False

    async def drop_part(self, draft: Draft) -> Draft:
        """Drop what was said of a part, and return the draft of the next: the answer begins anew there.

        Raises NewerWriter.
        """
        dropped = part_document(draft.turn.turn_id, draft.number, DROPPED, self._words)
        await self._write(draft, {"$set": {f"parts.{draft.number}": dropped}})
        return replace(draft, number=draft.number + 1, text="")

    async def end_round(self, draft: Draft, end: RoundEnd, usage: Usage, call_ids: Sequence[str] = ()) -> None:
        """Write the whole of a round's part, the calls that it asks for, what it cost, and how it ended.

        Raises NewerWriter.
        """
        fields: Document = {"usage": usage_document(draft.turn.usage + usage)}
        if draft.text:
            fields |= self._fields(draft, is_whole=True)
        first = draft.number + bool(draft.text)
        calls = [Part(PartKind.TOOL_CALL, is_whole=True, call_id=call_id) for call_id in call_ids]
        for number, call in enumerate(calls, first):
            fields[f"parts.{number}"] = part_document(draft.turn.turn_id, number, call, self._words)
        await self._write(draft, {"$set": fields, "$push": {"rounds": end}})

    async def finish(self, turn_id: str, attempt: int, end: TurnEnd, usage: Usage, now: datetime) -> None:
        """Close the turn. `usage`: what the attempt has cost. Without effect on one that is closed, or of which another
        attempt is under way.
        """

        async def work(tx: AsyncClientSession) -> None:
            running = {"_id": ObjectId(turn_id), "attempt": attempt, **OPEN}
            turn = await self._turns.find_one(running, session=tx)
            if turn is not None:
                await self._closing.close(turn, end, now, tx, usage)

        await in_transaction(self._client, work)

    def _fields(self, draft: Draft, *, is_whole: bool) -> Document:
        part = Part(PartKind.TEXT, draft.text, is_whole)
        stored = part_document(draft.turn.turn_id, draft.number, part, self._words)
        return {f"parts.{draft.number}": stored}

    async def _write(self, draft: Draft, change: Document) -> Document:
        turn = draft.turn
        mine = {"_id": ObjectId(turn.turn_id), "attempt": turn.attempt, "writer": draft.writer}
        written: Document | None = await self._turns.find_one_and_update(
            mine | {"state": TurnState.RUNNING},
            change,
            projection={"stop_asked_at": 1},
            return_document=ReturnDocument.AFTER,
        )
        if written is None:
            raise NewerWriter
        return written


def _is_away(error: PyMongoError) -> bool:
    """Whether a write failed since the server does not answer, or is just leaving."""
    return error.timeout or isinstance(error, ConnectionFailure) or error.has_error_label("RetryableWriteError")
