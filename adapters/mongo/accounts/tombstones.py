"""Tombstones: that an account was erased, what of it and when, and nothing about whom.

A collection of their own: where accounts are looked up, one that is erased is one that never was.
"""

import json
from collections.abc import Sequence, Set
from dataclasses import asdict
from datetime import datetime

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.crypto.sealing import Sealed, Sealing
from adapters.mongo.client import Client, Database, Document
from adapters.mongo.transactions import in_transaction
from domain.accounts.erasure import Grave, Remains


class TombstoneStore:
    def __init__(self, client: Client, database: Database, sealing: Sealing) -> None:
        self._client = client
        self._users = database["users"]
        self._holds = database["holds"]
        self._tombstones = database["tombstones"]
        self._sealing = sealing

    async def bury(self, grave: Grave) -> bool:
        """The account gives way to its tombstone, and its name is held: all or nothing.

        False when it is not leaving any more, its time has not come, or its name or address has changed.
        """

        async def work(inner: AsyncClientSession) -> bool:
            account = await self._users.find_one_and_delete(_as_it_was(grave), session=inner)
            if account is None:
                return False
            await self._tombstones.insert_one(self._tombstone(grave, account["deactivated_at"]), session=inner)
            hold = {"owner": grave.key, "until": grave.hold_until, "reason": "erased"}
            await self._holds.update_one({"key": grave.hold_key}, {"$set": hold}, upsert=True, session=inner)
            return True

        return await in_transaction(self._client, work)

    async def remains(self, user_id: str) -> Remains | None:
        """What the last mail needs; None once it is forgotten."""
        document = await self._tombstones.find_one({"_id": ObjectId(user_id)}, {"remains": 1})
        if document is None or "remains" not in document:
            return None
        sealed = Sealed(document["remains"]["key_id"], document["remains"]["data"])
        return Remains(**json.loads(self._sealing.open(sealed, context=user_id)))

    async def open_among(self, user_ids: Sequence[str]) -> Set[str]:
        """Which of them are being erased, in whichever store."""
        ids = [ObjectId(user_id) for user_id in user_ids if ObjectId.is_valid(user_id)]
        found = self._tombstones.find({"_id": {"$in": ids}, "deletion_open_since": {"$exists": True}}, {"_id": 1})
        return {str(document["_id"]) async for document in found}

    async def note(self, user_id: str, what: str, at: datetime) -> None:
        """When nothing was left of it. The first time counts."""
        unnoted = {"_id": ObjectId(user_id), f"erased.{what}": {"$exists": False}}
        await self._tombstones.update_one(unnoted, {"$set": {f"erased.{what}": at}})

    async def finish(self, user_id: str) -> None:
        """Nothing is left to do, and nothing of the person."""
        done = {"$unset": {"remains": "", "deletion_open_since": ""}}
        await self._tombstones.update_one({"_id": ObjectId(user_id)}, done)

    def _tombstone(self, grave: Grave, deactivated_at: datetime) -> Document:
        sealed = self._sealing.seal(json.dumps(asdict(grave.remains)).encode(), context=grave.user_id)
        return {
            "_id": ObjectId(grave.user_id),
            "deletion_key": grave.key,
            "deactivated_at": deactivated_at,
            "erased_at": grave.at,
            "erased": {},
            "remains": {"key_id": sealed.key_id, "data": sealed.data},
            "deletion_open_since": grave.at,
        }


def _as_it_was(grave: Grave) -> Document:
    return {
        "_id": ObjectId(grave.user_id),
        "is_active": False,
        "deletion_key": grave.key,
        "deletion_at": {"$lte": grave.at},
        "username": grave.remains.username,
        "email": grave.remains.email_address,
    }
