"""Changes that users make to their own profiles."""

from dataclasses import asdict
from datetime import datetime

from bson import ObjectId
from pymongo import ReturnDocument

from adapters.mongo.client import Database
from adapters.mongo.users.users import user_from, with_sync_intent
from domain.users.users import ProfileChange, User


class ProfileStore:
    """Writes profile fields, in the accounts' documents."""

    def __init__(self, database: Database) -> None:
        self._users = database["users"]

    async def change(self, user_id: str, change: ProfileChange, now: datetime) -> User | None:
        """Apply the change, open the sync intent for the graph, and return the account.

        None when the account is not active any more.
        """
        fields = {name: value for name, value in asdict(change).items() if value is not None}
        document = await self._users.find_one_and_update(
            {"_id": ObjectId(user_id), "is_active": True},
            with_sync_intent(fields, now),
            return_document=ReturnDocument.AFTER,
        )
        return user_from(document) if document else None
