"""Changes that users make to their own profiles."""

from dataclasses import asdict, dataclass
from datetime import datetime

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.client import Client, Database, Document
from adapters.mongo.journal.occurrences import OccurrenceStore
from adapters.mongo.transactions import in_transaction
from adapters.mongo.users.users import user_from, with_sync_intent
from domain.typed_text import compose
from domain.users.users import ProfileChange, User, profile_updated

TYPED_FIELDS = ("display_name", "bio")


@dataclass(frozen=True)
class NormalizedBatch:
    """`changed`: how many profiles of the batch were not in NFC; `last`: the last id of the batch."""

    changed: int
    last: str


class ProfileStore:
    """Writes profile fields, in the accounts' documents."""

    def __init__(self, client: Client, database: Database, occurrences: OccurrenceStore) -> None:
        self._client = client
        self._users = database["users"]
        self._occurrences = occurrences

    async def change(self, user_id: str, change: ProfileChange, now: datetime) -> User | None:
        """Apply the change, open the sync intent for the graph, record the occurrence, and return the account.

        None, and nothing is written, when the account is not active any more.
        """
        fields = {name: value for name, value in asdict(change).items() if value is not None}
        active, updated = {"_id": ObjectId(user_id), "is_active": True}, with_sync_intent(fields, now)
        occurrence = profile_updated(str(ObjectId()), user_id, change, now)

        async def work(tx: AsyncClientSession) -> User | None:
            document = await self._users.find_one_and_update(
                active, updated, return_document=ReturnDocument.AFTER, session=tx
            )
            if document is None:
                return None
            await self._occurrences.record_new(occurrence, tx)
            return user_from(document)

        return await in_transaction(self._client, work)

    async def normalize_after(self, user_id: str, *, limit: int, now: datetime) -> NormalizedBatch | None:
        """Put names and bios of up to `limit` accounts with ids above `user_id` (empty: from the first) into NFC, and
        open their sync intents. None after the last account. A change of the owner at the same time wins.
        """
        after = {"_id": {"$gt": ObjectId(user_id)}} if user_id else {}
        documents = await self._users.find(after, dict.fromkeys(TYPED_FIELDS, 1)).sort("_id", 1).limit(limit).to_list()
        if not documents:
            return None
        return NormalizedBatch(sum([await self._normalize(each, now) for each in documents]), str(documents[-1]["_id"]))

    async def _normalize(self, document: Document, now: datetime) -> int:
        """Return how many documents were changed: one or none."""
        composed = {name: compose(document[name]) for name in TYPED_FIELDS if isinstance(document.get(name), str)}
        if composed.items() <= document.items():
            return 0
        return (await self._users.update_one(document, with_sync_intent(composed, now))).modified_count
