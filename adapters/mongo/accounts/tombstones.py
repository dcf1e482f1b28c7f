"""Tombstones: record that an account was erased, which stores and when, and nothing that identifies its user.

They have their own collection, so that a look-up of accounts never finds an erased one.
"""

import json
from collections.abc import Sequence, Set
from dataclasses import asdict
from datetime import datetime

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.crypto.field_cipher import Encrypted, FieldCipher
from adapters.mongo.accounts.reservations import Reservations
from adapters.mongo.client import Client, Database, Document
from adapters.mongo.journal.occurrences import OccurrenceStore
from adapters.mongo.transactions import in_transaction
from domain.accounts.erasure import LastContact, Tombstone, account_deleted

HOLD_REASON = "erased"


class TombstoneStore:
    """Replaces accounts by tombstones and records the progress of an erasure."""

    def __init__(self, client: Client, database: Database, occurrences: OccurrenceStore, cipher: FieldCipher) -> None:
        self._client = client
        self._users = database["users"]
        self._holds = Reservations(database)
        self._tombstones = database["tombstones"]
        self._occurrences = occurrences
        self._cipher = cipher

    async def write(self, tombstone: Tombstone) -> bool:
        """Replace the account by its tombstone and hold its username, in one transaction.

        False when the account is not being deleted any more, its time has not come, or its name or address has changed.
        """

        async def work(tx: AsyncClientSession) -> bool:
            account = await self._users.find_one_and_delete(_expected_account(tombstone), session=tx)
            if account is None:
                return False
            await self._tombstones.insert_one(self._document(tombstone, account["deactivated_at"]), session=tx)
            await self._holds.force_reserve(
                tombstone.hold_key,
                holder=tombstone.deletion_key,
                until=tombstone.hold_until,
                reason=HOLD_REASON,
                tx=tx,
            )
            return True

        return await in_transaction(self._client, work)

    async def find_last_contact(self, user_id: str) -> LastContact | None:
        """Return what the last mail needs; None once it is deleted.

        Raises UnknownKey, DecryptionFailed.
        """
        document = await self._tombstones.find_one({"_id": ObjectId(user_id)}, {"remains": 1})
        if document is None or "remains" not in document:
            return None
        sealed = Encrypted(document["remains"]["key_id"], document["remains"]["data"])
        return LastContact(**json.loads(self._cipher.decrypt(sealed, context=user_id)))

    async def find_unfinished(self, user_ids: Sequence[str]) -> Set[str]:
        """Return those of the users whose erasure is not finished in every store."""
        ids = [ObjectId(user_id) for user_id in user_ids if ObjectId.is_valid(user_id)]
        found = self._tombstones.find({"_id": {"$in": ids}, "deletion_open_since": {"$exists": True}}, {"_id": 1})
        return {str(document["_id"]) async for document in found}

    async def record_erased(self, user_id: str, store_name: str, at: datetime) -> None:
        """Record when a store had nothing left of the user. Only the first time is kept."""
        unnoted = {"_id": ObjectId(user_id), f"erased.{store_name}": {"$exists": False}}
        await self._tombstones.update_one(unnoted, {"$set": {f"erased.{store_name}": at}})

    async def finish(self, user_id: str, now: datetime) -> None:
        """Close the intent, delete the last contact, the last personal data, and record the occurrence. Idempotent."""
        unfinished = {"_id": ObjectId(user_id), "deletion_open_since": {"$exists": True}}
        done = {"$unset": {"remains": "", "deletion_open_since": ""}}

        async def work(tx: AsyncClientSession) -> None:
            if (await self._tombstones.update_one(unfinished, done, session=tx)).matched_count:
                await self._occurrences.record_new(account_deleted(user_id, now), tx)

        await in_transaction(self._client, work)

    def _document(self, tombstone: Tombstone, deactivated_at: datetime) -> Document:
        sealed = self._cipher.encrypt(json.dumps(asdict(tombstone.last_contact)).encode(), context=tombstone.user_id)
        return {
            "_id": ObjectId(tombstone.user_id),
            "deletion_key": tombstone.deletion_key,
            "deactivated_at": deactivated_at,
            "erased_at": tombstone.at,
            "erased": {},
            "remains": {"key_id": sealed.key_id, "data": sealed.data},
            "deletion_open_since": tombstone.at,
        }


def _expected_account(tombstone: Tombstone) -> Document:
    return {
        "_id": ObjectId(tombstone.user_id),
        "is_active": False,
        "deletion_key": tombstone.deletion_key,
        "deletion_at": {"$lte": tombstone.at},
        "username": tombstone.last_contact.username,
        "email": tombstone.last_contact.email_address,
    }
