"""The end of a turn: its state, its place among the open turns of its chat, its occurrence; in one transaction."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import cast

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.assistant.chat_documents import lives_on_unless_left
from adapters.mongo.assistant.turn_documents import usage_document
from adapters.mongo.client import Database, Document
from adapters.mongo.journal.occurrences import OccurrenceStore
from adapters.mongo.transactions import after_commit
from domain.assistant.chats import ChatLife
from domain.assistant.turn_ends import TurnEnd, TurnFailure, TurnState
from domain.assistant.turns import Usage, turn_ended

UNUSED = Usage()
PublishChange = Callable[[str, str], Awaitable[object]]


class TurnClosing:
    """Closes turns in the transactions of others. `publish`: takes chat and turn id; best effort."""

    def __init__(
        self, database: Database, occurrences: OccurrenceStore, life: ChatLife, publish: PublishChange
    ) -> None:
        self._chats = database["chats"]
        self._turns = database["turns"]
        self._occurrences = occurrences
        self._life = life
        self._publish = publish

    async def close(
        self, turn: Document, end: TurnEnd, now: datetime, tx: AsyncClientSession, usage: Usage = UNUSED
    ) -> Document:
        """Close an open turn and return it. `turn`: as this transaction has read it. `usage`: what it has cost."""
        end = end.after_stop() if turn["stop_asked_at"] else end
        state = end.state(has_said=any(part["text"] for part in turn["parts"]))
        failure = (end.failure or TurnFailure.MODEL_UNAVAILABLE) if state is TurnState.FAILED else None
        fields: Document = {"state": state, "finish_reason": end.finish_reason, "failure": failure, "ended_at": now}
        change = {"$set": fields | {"usage": usage_document(usage)}, "$unset": {"open_since": ""}}
        # It is there: this transaction has read it, and what others change since then is a conflict.
        closed = cast(
            Document,
            await self._turns.find_one_and_update(
                {"_id": turn["_id"]}, change, session=tx, return_document=ReturnDocument.AFTER
            ),
        )
        await self._count_closed(closed["chat_id"], now, tx)
        await self._occurrences.record(
            turn_ended(str(turn["_id"]), str(turn["chat_id"]), turn["attempt"], state, now), tx
        )
        self.publish_after(tx, turn)
        return closed

    def publish_after(self, tx: AsyncClientSession, turn: Document) -> None:
        """Tell the gateways that the turn has changed, once this transaction has committed."""
        after_commit(tx, partial(self._publish, str(turn["chat_id"]), str(turn["_id"])))

    async def _count_closed(self, chat_id: ObjectId, now: datetime, tx: AsyncClientSession) -> None:
        """A chat that is still open lives on from here. Without sockets its grace begins with the last."""
        living = {"_id": chat_id, "ended_reason": None, "expires_at": {"$gt": now}}
        counted = {"open_turns": {"$subtract": ["$open_turns", 1]}, "last_activity_at": now}
        change = [{"$set": counted}, {"$set": lives_on_unless_left(self._life, now)}]
        if (await self._chats.update_one(living, change, session=tx)).matched_count == 0:
            await self._chats.update_one({"_id": chat_id}, {"$inc": {"open_turns": -1}}, session=tx)
