"""Messages of users in MongoDB: each is a turn that is open from here on, whatever dies meanwhile."""

import asyncio
from contextlib import suppress
from datetime import datetime
from weakref import WeakValueDictionary

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from adapters.mongo.assistant.chat_documents import find_kept, owned, used_at
from adapters.mongo.assistant.closing import TurnClosing
from adapters.mongo.assistant.sealed_words import ReadableWords
from adapters.mongo.assistant.turn_documents import OPEN, ask_to_stop, new_turn_document, turn_from, unanswered
from adapters.mongo.client import Client, Database, Document
from adapters.mongo.transactions import in_transaction
from domain.assistant.chats import MAX_OPEN_TURNS, ChatLife
from domain.assistant.errors import ChatExpired, ChatNotFound, TooManyTurns, TurnNotFound, TurnRunning
from domain.assistant.turn_ends import STOPPED, TurnState
from domain.assistant.turns import AcceptedTurn, NewTurn, Turn, TurnMode, refusal_for_retry, refusal_for_stop
from domain.errors import DecodeError, IdempotencyKeyReused

COUNTED: Document = {"$inc": {"turns": 1, "open_turns": 1}}


class MessageStore:
    """Accepts messages, and what their users ask for afterwards: to stop an answer, or to have another."""

    def __init__(
        self, client: Client, database: Database, closing: TurnClosing, words: ReadableWords, life: ChatLife
    ) -> None:
        self._client = client
        self._chats = database["chats"]
        self._turns = database["turns"]
        self._closing = closing
        self._words = words
        self._life = life
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def accept(self, new: NewTurn) -> AcceptedTurn:
        """Store a message; a repeat is the turn that it was before, for as long as that is kept.

        Raises ChatNotFound, ChatExpired, TurnRunning for a message that is not to wait, TooManyTurns, and
        IdempotencyKeyReused for another message with the same id.
        """
        try:
            async with self._lock_of(new.chat_id):
                return await in_transaction(self._client, lambda tx: self._insert(new, tx))
        except DuplicateKeyError:
            refusal: DecodeError = IdempotencyKeyReused()
        except (ChatExpired, TurnRunning, TooManyTurns) as error:
            refusal = error
        return await self.find_repeated(new, refusal)

    async def find_repeated(self, new: NewTurn, refusal: DecodeError) -> AcceptedTurn:
        """Return the turn that a message was before, which cannot be accepted now. Raises `refusal` for a new one,
        IdempotencyKeyReused for another message with the same id.
        """
        with suppress(TurnNotFound):
            return await self._repeated(new)
        raise refusal

    async def stop(self, user_id: str, turn_id: str, now: datetime) -> Turn:
        """Ask to stop a turn, and return it. One that waits for others is closed here; one that is being answered is
        closed by its workflow. Raises TurnNotFound, TurnClosed.
        """

        async def work(tx: AsyncClientSession) -> Document:
            found = await self._find(user_id, turn_id, now, tx)
            if refusal := refusal_for_stop(TurnState(found["state"])):
                raise refusal
            if found["state"] == TurnState.QUEUED:
                return await self._closing.close(found, STOPPED, now, tx)
            asked = {"$set": {"stop_asked_at": found["stop_asked_at"] or now}}
            return await self._change(found, asked, tx)

        return turn_from(await in_transaction(self._client, work), self._words)

    async def retry(self, user_id: str, turn_id: str, now: datetime, asker_id: str | None = None) -> Turn:
        """Have a failed or stopped turn answered anew, and return it; one that is open stays as it is. `asker_id`: who
        asks for that.

        Raises TurnNotFound, TurnClosed, ChatExpired, TooManyTurns.
        """

        async def work(tx: AsyncClientSession) -> Document:
            found = await self._find(user_id, turn_id, now, tx)
            state = TurnState(found["state"])
            if refusal := refusal_for_retry(state):
                raise refusal
            if state.is_open:
                return found
            await self._count(user_id, str(found["chat_id"]), {"$inc": {"open_turns": 1}}, now, tx)
            anew = {**unanswered(found["attempt"] + 1, asker_id), "open_since": now}
            return await self._change(found, {"$set": anew}, tx)

        return turn_from(await in_transaction(self._client, work), self._words)

    async def _insert(self, new: NewTurn, tx: AsyncClientSession) -> AcceptedTurn:
        if new.mode is TurnMode.INTERRUPT:
            await self._stop_open(new, tx)
        limit = 1 if new.mode is TurnMode.REJECT else MAX_OPEN_TURNS
        chat = await self._count(new.user_id, new.chat_id, COUNTED, new.asked_at, tx, max_open=limit)
        document = new_turn_document(new, chat, self._words)
        await self._turns.insert_one(document, session=tx)
        self._closing.publish_after(tx, document)
        return AcceptedTurn(turn_from(document, self._words), ahead=chat["open_turns"] - 1, is_new=True)

    async def _stop_open(self, new: NewTurn, tx: AsyncClientSession) -> None:
        """Close what waits in the chat of a message, and ask what is being answered to stop."""
        mine = {"chat_id": ObjectId(new.chat_id), "user_id": ObjectId(new.user_id)}
        waiting = self._turns.find({**mine, **OPEN, "state": TurnState.QUEUED}, session=tx).sort("number")
        for each in await waiting.to_list():
            await self._closing.close(each, STOPPED, new.asked_at, tx)
        await ask_to_stop(self._turns, mine, new.asked_at, tx)

    async def _count(
        self,
        user_id: str,
        chat_id: str,
        counts: Document,
        now: datetime,
        tx: AsyncClientSession,
        max_open: int = MAX_OPEN_TURNS,
    ) -> Document:
        """Count one more open turn of an open chat, which is used by that, and return the chat.

        Raises ChatNotFound, ChatExpired, TurnRunning if one may be open at most, TooManyTurns.
        """
        mine = owned(user_id, chat_id)
        has_room = {"ended_reason": None, "expires_at": {"$gt": now}, "open_turns": {"$lt": max_open}}
        used = {"$set": {"disconnected_at": None, **used_at(self._life, now)}, **counts}
        chat = await self._chats.find_one_and_update(
            mine | has_room, used, session=tx, return_document=ReturnDocument.AFTER
        )
        if chat is not None:
            return chat
        chat = await self._chats.find_one(mine, session=tx)
        if chat is None:
            raise ChatNotFound
        if chat["ended_reason"] or chat["expires_at"] <= now:
            raise ChatExpired
        raise TurnRunning if max_open == 1 else TooManyTurns

    async def _repeated(self, new: NewTurn) -> AcceptedTurn:
        """Return the turn that has the id of this message. Raises TurnNotFound, IdempotencyKeyReused for another."""
        document = await self._find(new.user_id, new.turn_id, new.asked_at)
        if document["body_hash"] != new.body_hash:
            raise IdempotencyKeyReused
        earlier = {"chat_id": document["chat_id"], "number": {"$lt": document["number"]}, **OPEN}
        turn = turn_from(document, self._words)
        ahead = await self._turns.count_documents(earlier) if turn.state is TurnState.QUEUED else 0
        return AcceptedTurn(turn, ahead, is_new=False)

    async def _find(self, user_id: str, turn_id: str, now: datetime, tx: AsyncClientSession | None = None) -> Document:
        found = await self._turns.find_one({"_id": ObjectId(turn_id), "user_id": ObjectId(user_id)}, session=tx)
        if found is None or not await find_kept(self._chats, [found["chat_id"]], now, tx):
            raise TurnNotFound
        return found

    async def _change(self, turn: Document, change: Document, tx: AsyncClientSession) -> Document:
        self._closing.publish_after(tx, turn)
        same = {"_id": turn["_id"], "state": turn["state"], "attempt": turn["attempt"]}
        changed = await self._turns.find_one_and_update(same, change, session=tx, return_document=ReturnDocument.AFTER)
        # In a transaction that has read the turn: another writer makes this one repeat.
        return changed or turn

    def _lock_of(self, chat_id: str) -> asyncio.Lock:
        """Return the lock of a chat in this process: of many messages at once all but one would repeat in vain."""
        return self._locks.setdefault(chat_id, asyncio.Lock())
