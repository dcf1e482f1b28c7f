"""Everything of one person in MongoDB but the account itself, erased a bounded batch at a time."""

from collections.abc import Sequence

from bson import ObjectId

from adapters.mongo.accounts.email_change import HOLD_REASON as FORMER_ADDRESS
from adapters.mongo.accounts.reservations import account_holder
from adapters.mongo.client import Database, Document
from adapters.mongo.collection import Collection, Exempt
from domain.notifications.notifications import REDACTED_TEXT


class PersonalDocuments:
    def __init__(self, database: Database, collections: Sequence[Collection]) -> None:
        self._database = database
        self._owner_fields = {
            each.name: each.owner_field for each in collections if not isinstance(each.owner_field, Exempt)
        }

    @property
    def collections(self) -> Sequence[str]:
        """Names of the collections whose documents belong to one user each."""
        return tuple(self._owner_fields)

    async def erase(self, collection: str, user_id: str, *, limit: int) -> int:
        """Delete up to so many of the person's documents. Returns how many."""
        return await self._delete(collection, {self._owner_fields[collection]: ObjectId(user_id)}, limit)

    async def erase_tickets(self, user_id: str, *, limit: int) -> int:
        """Delete up to so many tickets that name the person. Returns how many."""
        named = {"value.user_id": {"$in": [user_id, ObjectId(user_id)]}}
        return await self._delete("tickets", named, limit)

    async def release_holds(self, user_id: str, *, limit: int) -> int:
        """Free the addresses that were held for the person; former names stay held, for nobody. Returns how many."""
        mine = {"owner": account_holder(user_id)}
        freed = await self._delete("holds", mine | {"reason": FORMER_ADDRESS}, limit)
        names = mine | {"reason": {"$ne": FORMER_ADDRESS}}
        return freed + (await self._database["holds"].update_many(names, {"$set": {"owner": "erased"}})).modified_count

    async def erase_mentions(self, user_id: str, *, limit: int) -> int:
        """Others keep the number of a notification about the person, and nothing of whom it was about. Returns how
        many there were.
        """
        notifications = self._database["notifications"]
        found = await notifications.find({"about": ObjectId(user_id)}, {"_id": 1}).limit(limit).to_list()
        # The key names the person as well; each needs one of its own.
        key = {"$concat": ["gone:", {"$toString": "$_id"}]}
        nobodys: list[Document] = [
            {"$set": {"message": REDACTED_TEXT, "data": {"$literal": {}}, "dedupe_key": key}},
            {"$unset": "about"},
        ]
        ids = {"_id": {"$in": [document["_id"] for document in found]}}
        return (await notifications.update_many(ids, nobodys)).modified_count if found else 0

    async def redact_recipient(self, recipient_hash: str, *, replacement: str, limit: int) -> int:
        """Records of mails keep what became of them, not to whom they went nor what they said. Returns how many."""
        mails = self._database["mails"]
        found = await mails.find({"recipient_hash": recipient_hash}, {"_id": 1}).limit(limit).to_list()
        forgotten = {"$set": {"recipient_hash": replacement}, "$unset": {"sealed": "", "sealed_since": ""}}
        ids = {"_id": {"$in": [document["_id"] for document in found]}}
        return (await mails.update_many(ids, forgotten)).modified_count

    async def _delete(self, collection: str, query: Document, limit: int) -> int:
        documents = self._database[collection]
        found = await documents.find(query, {"_id": 1}).limit(limit).to_list()
        if not found:
            return 0
        return (await documents.delete_many({"_id": {"$in": [each["_id"] for each in found]}})).deleted_count
