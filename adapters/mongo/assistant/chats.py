"""Chats in MongoDB: begun, read, changed, ended and reopened. Whether one is open is a condition of each write."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from adapters.mongo.assistant.chat_documents import (
    NOT_DELETED,
    chat_from,
    kept,
    latest_first,
    lives_on,
    lives_on_unless_left,
    new_chat_document,
    owned,
    used_at,
)
from adapters.mongo.assistant.sealed_words import ReadableWords
from adapters.mongo.assistant.turn_documents import ask_to_stop
from adapters.mongo.client import Client, Database, Document
from adapters.mongo.journal.occurrences import OccurrenceStore
from adapters.mongo.transactions import after_commit, in_transaction
from domain.assistant.chats import MAX_LIVE_CHATS, Chat, ChatChange, ChatLife, EndReason, NewChat, chat_occurrence
from domain.assistant.errors import ChatGone, ChatNotFound
from domain.errors import IdempotencyKeyReused, NotAuthenticated
from domain.journal.occurrences import Occurrence, OccurrenceType
from domain.paging import Page, PageRequest

Publish = Callable[[str], Awaitable[object]]


class ChatStore:
    """The chats of all users. A chat is found only by the user whose it is. `publish`: tells the gateways that one has
    changed; best effort.
    """

    def __init__(
        self,
        client: Client,
        database: Database,
        occurrences: OccurrenceStore,
        words: ReadableWords,
        life: ChatLife,
        publish: Publish,
    ) -> None:
        self._client = client
        self._database = database
        self._chats = database["chats"]
        self._turns = database["turns"]
        self._occurrences = occurrences
        self._words = words
        self._life = life
        self._publish = publish

    async def create(self, chat: NewChat) -> Chat:
        """Begin a chat and return it; a repeat returns it as it is now. The user's chat that was used longest ago ends
        if there are too many.

        Raises NotAuthenticated for a user who is no longer active, IdempotencyKeyReused for another chat under this id.
        """
        document = new_chat_document(chat, self._life, self._words)

        async def work(tx: AsyncClientSession) -> None:
            await self._make_room(chat.user_id, chat.at, tx)
            await self._chats.insert_one(document, session=tx)
            created = chat_occurrence(str(ObjectId()), OccurrenceType.CHAT_CREATED, chat.chat_id, chat.user_id, chat.at)
            await self._occurrences.record_new(created, tx)

        try:
            await in_transaction(self._client, work)
        except DuplicateKeyError:
            return await self._repeated(chat)
        return chat_from(document, self._words, chat.at)

    async def set_bytes_per_token(self, chat_id: str, ratio: float) -> None:
        """Record how many bytes of the chat a token has. Without effect on one that is gone."""
        await self._chats.update_one({"_id": ObjectId(chat_id)}, {"$set": {"bytes_per_token": ratio}})

    async def find(self, user_id: str, chat_id: str, now: datetime) -> Chat | None:
        """Return a chat of this user, open or not; None when there is none, or it was deleted."""
        document = await self._chats.find_one(owned(user_id, chat_id))
        return chat_from(document, self._words, now) if document else None

    async def find_many(self, chat_ids: Sequence[str], now: datetime) -> Mapping[str, Chat]:
        """Return those of the chats that there are and were not deleted, by id, whoever owns them."""
        query: Document = {"_id": {"$in": list(map(ObjectId, chat_ids))}, **NOT_DELETED}
        chats = [chat_from(document, self._words, now) for document in await self._chats.find(query).to_list()]
        return {chat.chat_id: chat for chat in chats}

    async def connect(self, chat_id: str, now: datetime) -> None:
        """Record that an open chat has a socket again: it lives on as one that is used."""
        disconnected = {"_id": ObjectId(chat_id), "ended_reason": None, "disconnected_at": {"$ne": None}}
        living = disconnected | {"expires_at": {"$gt": now}}
        await self._chats.update_one(living, {"$set": {"disconnected_at": None, **lives_on(self._life, now)}})

    async def disconnect(self, chat_id: str, now: datetime) -> None:
        """Record that the last socket of an open chat has gone: its grace begins, once no turn of it is open."""
        living = {"_id": ObjectId(chat_id), "ended_reason": None, "expires_at": {"$gt": now}}
        left = [{"$set": {"disconnected_at": now}}, {"$set": lives_on_unless_left(self._life, now)}]
        await self._chats.update_one(living, left)

    async def list_page(self, user_id: str, request: PageRequest, now: datetime) -> Page[Chat]:
        """Return one page of the user's chats whose words are kept, the latest used first, with the count of all."""
        mine = {"user_id": ObjectId(user_id), **kept(now), **NOT_DELETED}
        return await latest_first(self._chats, mine, request, self._words, now)

    async def change(self, user_id: str, chat_id: str, change: ChatChange, now: datetime) -> Chat:
        """Change a chat's properties and return it. An empty title is none. Raises ChatNotFound, ChatGone."""
        fields: Document = {}
        if change.title is not None:
            fields["title"] = self._words.seal(chat_id, "title", change.title) if change.title else None
        if change.tools is not None:
            fields["tools"] = list(change.tools)
        changed = chat_occurrence(
            str(ObjectId()), OccurrenceType.CHAT_UPDATED, chat_id, user_id, now, fields=change.fields
        )

        async def work(tx: AsyncClientSession) -> Chat:
            return await self._update(user_id, chat_id, fields, changed, tx)

        return await in_transaction(self._client, work)

    async def reopen(self, user_id: str, chat_id: str, now: datetime) -> Chat:
        """Open an ended chat again and return it; one that is open lives on. Raises ChatNotFound, ChatGone, and
        NotAuthenticated for a user who is no longer active.
        """
        fields = {"ended_reason": None, "disconnected_at": None, **used_at(self._life, now)}
        reopened = chat_occurrence(str(ObjectId()), OccurrenceType.CHAT_REOPENED, chat_id, user_id, now)

        async def work(tx: AsyncClientSession) -> Chat:
            await self._make_room(user_id, now, tx, besides=chat_id)
            return await self._update(user_id, chat_id, fields, reopened, tx)

        return await in_transaction(self._client, work)

    async def delete(self, user_id: str, chat_id: str, now: datetime) -> Chat:
        """Delete a chat: from now on it is not found, and its open turns are to stop. Returns what it was.

        Its words are dropped by ChatUpkeepStore. Raises ChatNotFound.
        """
        deleted = {"ended_reason": EndReason.DELETED, "delete_at": now}

        async def work(tx: AsyncClientSession) -> Document:
            before = await self._chats.find_one_and_update(owned(user_id, chat_id), {"$set": deleted}, session=tx)
            if before is None:
                raise ChatNotFound
            await ask_to_stop(self._turns, {"chat_id": ObjectId(chat_id)}, now, tx)
            after_commit(tx, partial(self._publish, chat_id))
            gone = chat_occurrence(str(ObjectId()), OccurrenceType.CHAT_DELETED, chat_id, user_id, now)
            await self._occurrences.record_new(gone, tx)
            return before

        return chat_from(await in_transaction(self._client, work), self._words, now)

    async def _repeated(self, chat: NewChat) -> Chat:
        document = await self._chats.find_one(owned(chat.user_id, chat.chat_id) | {"body_hash": chat.body_hash})
        if document is None:
            raise IdempotencyKeyReused
        return chat_from(document, self._words, chat.at)

    async def _update(
        self, user_id: str, chat_id: str, fields: Document, occurrence: Occurrence, tx: AsyncClientSession
    ) -> Chat:
        mine, now = owned(user_id, chat_id), occurrence.at
        found = await self._chats.find_one_and_update(
            mine | kept(now), {"$set": fields}, session=tx, return_document=ReturnDocument.AFTER
        )
        if found is None:
            raise ChatGone if await self._chats.find_one(mine, {"_id": 1}, session=tx) else ChatNotFound
        after_commit(tx, partial(self._publish, chat_id))
        await self._occurrences.record_new(occurrence, tx)
        return chat_from(found, self._words, now)

    async def _make_room(self, user_id: str, now: datetime, tx: AsyncClientSession, besides: str | None = None) -> None:
        """End the chats that were used longest ago, so that there is room for one more. Of two requests at once one
        repeats, so that each counts the other's. Raises NotAuthenticated.
        """
        account = {"_id": ObjectId(user_id), "is_active": True}
        locked = await self._database["users"].update_one(account, {"$inc": {"locks": 1}}, session=tx)
        if locked.matched_count == 0:
            raise NotAuthenticated
        living: Document = {"user_id": ObjectId(user_id), "ended_reason": None, "expires_at": {"$gt": now}}
        if besides:
            living["_id"] = {"$ne": ObjectId(besides)}
        latest = self._chats.find(living, {"_id": 1}, session=tx).sort([("last_activity_at", -1), ("_id", -1)])
        surplus = [
            document["_id"] for document in await latest.skip(MAX_LIVE_CHATS - 1).limit(MAX_LIVE_CHATS).to_list()
        ]
        if surplus:
            await self._end(user_id, surplus, now, tx)

    async def _end(self, user_id: str, chats: Sequence[ObjectId], now: datetime, tx: AsyncClientSession) -> None:
        ended = {
            "$set": {"ended_reason": EndReason.EVICTED, "expires_at": now, "delete_at": now + self._life.retention}
        }
        await self._chats.update_many({"_id": {"$in": chats}}, ended, session=tx)
        await ask_to_stop(self._turns, {"chat_id": {"$in": chats}}, now, tx)
        for each in chats:
            after_commit(tx, partial(self._publish, str(each)))
        occurrences = [
            chat_occurrence(str(ObjectId()), OccurrenceType.CHAT_ENDED, str(each), user_id, now) for each in chats
        ]
        await self._occurrences.record_many_new(occurrences, tx)
