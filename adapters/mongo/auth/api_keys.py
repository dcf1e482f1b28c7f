"""API keys in MongoDB. No key is stored: only keyed hashes of its secrets."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from weakref import WeakValueDictionary

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.auth.api_key_documents import change_fields, key_document, key_from
from adapters.mongo.client import Client, Database, Document
from adapters.mongo.idempotency import Receipt, insert_receipt
from adapters.mongo.transactions import in_transaction
from adapters.mongo.users.security_events import SecurityEventStore
from adapters.mongo.users.users import user_from
from domain.auth.api_keys import MAX_KEYS_PER_USER, ApiKey, KeyChange
from domain.auth.errors import ApiKeyLimit, ApiKeyNotFound
from domain.errors import NotAuthenticated
from domain.users.security_events import SecurityEvent
from domain.users.users import User

WITHOUT_USES = {"uses": 0}
WITH_USER = {"$lookup": {"from": "users", "localField": "user_id", "foreignField": "_id", "as": "user"}}
LIVING_FIRST = [("epoch", -1), ("expires_at", -1), ("_id", -1)]
MAX_LISTED = 100


class ApiKeyStore:
    """Creates, changes, rotates, revokes and reads keys. Each change also writes the owner's account, so that of two
    at once one repeats, and records its event.
    """

    def __init__(self, client: Client, database: Database, events: SecurityEventStore) -> None:
        self._client = client
        self._database = database
        self._keys = database["api_keys"]
        self._users = database["users"]
        self._events = events
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def find_with_owner(self, prefix: str) -> tuple[ApiKey, User] | None:
        """Return the key with this prefix and its owner's account, in one round trip; None without one of them."""
        found = await self.find_many_with_owners([prefix])
        return found[0] if found else None

    async def find_many_with_owners(self, prefixes: Sequence[str]) -> Sequence[tuple[ApiKey, User]]:
        """Return the keys with these prefixes and their owners' accounts, in one round trip."""
        stages: list[Document] = [{"$match": {"prefix": {"$in": prefixes}}}, {"$project": WITHOUT_USES}, WITH_USER]
        documents = await (await self._keys.aggregate(stages)).to_list()
        return [(key_from(each), user_from(each["user"][0])) for each in documents if each["user"]]

    async def find(self, user_id: str, key_id: str) -> ApiKey | None:
        """Return a key of this user; None when there is none, or it was revoked."""
        document = await self._keys.find_one(_owned(user_id, key_id) | {"revoked_at": None}, WITHOUT_USES)
        return key_from(document) if document else None

    async def list_keys(self, user_id: str) -> Sequence[ApiKey]:
        """Return the user's keys that were not revoked, at most MAX_LISTED, those in force before others."""
        cursor = self._keys.find({"user_id": ObjectId(user_id), "revoked_at": None}, WITHOUT_USES)
        return [key_from(document) for document in await cursor.sort(LIVING_FIRST).limit(MAX_LISTED).to_list()]

    async def create(self, key: ApiKey, event: SecurityEvent, receipt: Receipt | None) -> None:
        """Insert a key, with its event and receipt.

        Raises ApiKeyLimit, AlreadyAnswered for the same request, and NotAuthenticated when the owner's sessions were
        ended meanwhile.
        """

        async def work(tx: AsyncClientSession) -> None:
            if await self._count_in_force(tx, key) >= MAX_KEYS_PER_USER:
                raise ApiKeyLimit
            same = {"_id": ObjectId(key.user_id), "is_active": True, "session_epoch": key.epoch}
            if (await self._users.update_one(same, {"$inc": {"locks": 1}}, session=tx)).matched_count == 0:
                raise NotAuthenticated
            await self._keys.insert_one(key_document(key), session=tx)
            await self._events.record(_about(event, key), tx)
            await insert_receipt(self._database, receipt, tx)

        async with self._turn_of(key.user_id):
            await in_transaction(self._client, work)

    async def change(self, key_id: str, change: KeyChange, event: SecurityEvent) -> ApiKey:
        """Change a key of the event's user and return it. Raises ApiKeyNotFound, and what `KeyChange.apply` raises."""
        named = replace(event, details={**event.details, "fields": ",".join(change.fields)})
        return await self._change(key_id, named, change.apply)

    async def rotate(
        self,
        key_id: str,
        secret_hash: bytes,
        overlap: timedelta,
        event: SecurityEvent,
        receipt: Callable[[ApiKey], Receipt | None],
    ) -> ApiKey:
        """Give a key of the event's user a new secret and return it. `receipt`: what to store beside the changed key.

        Raises ApiKeyNotFound, and AlreadyAnswered for the same request.
        """

        async def keep_receipt(key: ApiKey, tx: AsyncClientSession) -> None:
            await insert_receipt(self._database, receipt(key), tx)

        return await self._change(
            key_id, event, lambda key: key.rotated(secret_hash, overlap, event.at), then=keep_receipt
        )

    async def revoke(self, key_id: str, event: SecurityEvent) -> str:
        """End a key of the event's user and return its prefix; one that was revoked before stays as it is.

        Raises ApiKeyNotFound.
        """
        owned = _owned(event.user_id, key_id)

        async def work(tx: AsyncClientSession) -> str:
            found = await self._keys.find_one(owned, WITHOUT_USES, session=tx)
            if found is None:
                raise ApiKeyNotFound
            key = key_from(found)
            if key.revoked_at is None and await self._events.lock_account(event, tx):
                ended = {"$set": {"revoked_at": event.at, "secrets": [], "updatedAt": event.at}}
                await self._keys.update_one(owned, ended, session=tx)
                await self._events.record(_about(event, key), tx)
            return key.prefix

        return await in_transaction(self._client, work)

    async def _change(
        self,
        key_id: str,
        event: SecurityEvent,
        apply: Callable[[ApiKey], ApiKey],
        then: Callable[[ApiKey, AsyncClientSession], Awaitable[None]] | None = None,
    ) -> ApiKey:
        """Replace a key in force by what `apply` makes of it. Raises ApiKeyNotFound, and what `apply` raises."""
        owned = _owned(event.user_id, key_id)

        async def work(tx: AsyncClientSession) -> ApiKey:
            if not await self._events.lock_account(event, tx):
                raise ApiKeyNotFound
            account = await self._users.find_one({"_id": owned["user_id"]}, session=tx)
            found = await self._keys.find_one(owned, WITHOUT_USES, session=tx)
            if account is None or found is None or not key_from(found).is_in_force(user_from(account), event.at):
                raise ApiKeyNotFound
            key = apply(key_from(found))
            await self._keys.update_one(owned, {"$set": change_fields(key, event.at)}, session=tx)
            await self._events.record(_about(event, key), tx)
            if then:
                await then(key, tx)
            return key

        async with self._turn_of(event.user_id):
            return await in_transaction(self._client, work)

    def _turn_of(self, user_id: str) -> asyncio.Lock:
        """Return the lock of a user's changes in this process: of many at once all but one would repeat in vain."""
        return self._turns.setdefault(user_id, asyncio.Lock())

    async def _count_in_force(self, tx: AsyncClientSession, new: ApiKey) -> int:
        in_force = {
            "user_id": ObjectId(new.user_id),
            "revoked_at": None,
            "epoch": new.epoch,
            "expires_at": {"$gt": new.created_at},
        }
        return await self._keys.count_documents(in_force, session=tx)


def _owned(user_id: str, key_id: str) -> Document:
    return {"_id": ObjectId(key_id), "user_id": ObjectId(user_id)}


def _about(event: SecurityEvent, key: ApiKey) -> SecurityEvent:
    """Return the event with the key that it is about, which the journal shows."""
    return replace(event, details={**event.details, "key": key.key_id, "scopes": " ".join(key.scopes)})
