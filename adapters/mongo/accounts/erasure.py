"""Erases all documents of one user in MongoDB except the account itself, in bounded batches."""

from collections.abc import Sequence

from bson import ObjectId

from adapters.mongo.accounts.address_holders import HOLD_REASON as FORMER_ADDRESS
from adapters.mongo.accounts.reservations import account_holder
from adapters.mongo.client import Database, Document
from adapters.mongo.collection import Collection, Exempt
from domain.notifications.notifications import REDACTED_TEXT


class PersonalDocuments:
    """Deletes or redacts a user's documents, up to `limit` per call.

    Each method returns how many documents it changed; 0 means that none is left. `collections`: all declared ones.
    """

    def __init__(self, database: Database, collections: Sequence[Collection]) -> None:
        self._database = database
        self._owner_fields = {
            entry.name: entry.owner_field for entry in collections if not isinstance(entry.owner_field, Exempt)
        }

    @property
    def collections(self) -> Sequence[str]:
        """Names of the collections whose documents belong to one user each."""
        return tuple(self._owner_fields)

    async def erase(self, collection: str, user_id: str, *, limit: int) -> int:
        """Delete up to `limit` of the user's documents in this collection. Returns how many."""
        return await self._delete(collection, {self._owner_fields[collection]: ObjectId(user_id)}, limit)

    async def erase_tickets(self, user_id: str, *, limit: int) -> int:
        """Delete up to `limit` tickets that name the user. Returns how many."""
        named = {"value.user_id": {"$in": [user_id, ObjectId(user_id)]}}
        return await self._delete("tickets", named, limit)

    async def release_holds(self, user_id: str, *, limit: int) -> int:
        """Release the addresses held for the user. Returns how many holds changed.

        Former usernames stay held, without reference to the user.
        """
        held = {"owner": account_holder(user_id)}
        freed = await self._delete("holds", held | {"reason": FORMER_ADDRESS}, limit)
        names = held | {"reason": {"$ne": FORMER_ADDRESS}}
        return freed + (await self._database["holds"].update_many(names, {"$set": {"owner": "erased"}})).modified_count

    async def erase_mentions(self, user_id: str, *, limit: int) -> int:
        """Redact up to `limit` notifications of other users about this user. Returns how many.

        They keep their numbers, but nothing that identifies the user.
        """
        notifications = self._database["notifications"]
        found = await notifications.find({"about": ObjectId(user_id)}, {"_id": 1}).limit(limit).to_list()
        # The dedupe key names the user as well; it is unique per recipient, so each needs its own.
        key = {"$concat": ["gone:", {"$toString": "$_id"}]}
        redacted: list[Document] = [
            {"$set": {"message": REDACTED_TEXT, "data": {"$literal": {}}, "dedupe_key": key}},
            {"$unset": "about"},
        ]
        ids = {"_id": {"$in": [document["_id"] for document in found]}}
        return (await notifications.update_many(ids, redacted)).modified_count if found else 0

    async def redact_recipient(self, recipient_hash: str, *, replacement: str, limit: int) -> int:
        """Remove recipient and content from up to `limit` records of mails. Returns how many.

        The records keep the state of delivery; `replacement` takes the place of the hash.
        """
        mails = self._database["mails"]
        found = await mails.find({"recipient_hash": recipient_hash}, {"_id": 1}).limit(limit).to_list()
        redacted = {"$set": {"recipient_hash": replacement}, "$unset": {"sealed": "", "sealed_since": ""}}
        ids = {"_id": {"$in": [document["_id"] for document in found]}}
        return (await mails.update_many(ids, redacted)).modified_count

    async def _delete(self, collection: str, query: Document, limit: int) -> int:
        documents = self._database[collection]
        found = await documents.find(query, {"_id": 1}).limit(limit).to_list()
        if not found:
            return 0
        return (await documents.delete_many({"_id": {"$in": [document["_id"] for document in found]}})).deleted_count
