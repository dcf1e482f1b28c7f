"""Reminders of the ends of API keys: each key has the date of its next one, until it has none left."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bson import ObjectId
from pymongo import UpdateOne

from adapters.mongo.auth.api_key_documents import key_from
from adapters.mongo.auth.api_keys import WITH_USER, WITHOUT_USES
from adapters.mongo.client import Database, Document
from adapters.mongo.users.users import user_from
from domain.auth.api_keys import ApiKey
from domain.users.users import User


class KeyReminderStore:
    """Finds the keys whose reminders are due, and sets the dates of the next ones."""

    def __init__(self, database: Database) -> None:
        self._keys = database["api_keys"]

    async def find_due(self, now: datetime, *, limit: int) -> Sequence[tuple[ApiKey, User | None]]:
        """Return keys with a reminder due, in force or not, with their owners' accounts, in one round trip."""
        stages: list[Document] = [
            {"$match": {"remind_at": {"$lte": now}}},
            {"$sort": {"remind_at": 1}},
            {"$limit": limit},
            {"$project": WITHOUT_USES},
            WITH_USER,
        ]
        documents = await (await self._keys.aggregate(stages)).to_list()
        return [(key_from(each), user_from(each["user"][0]) if each["user"] else None) for each in documents]

    async def set_next(self, dates: Mapping[str, datetime | None]) -> None:
        """Set the date of each key's next reminder; None: there is none left. Idempotent."""
        changes = [UpdateOne({"_id": ObjectId(key_id)}, _next(date)) for key_id, date in dates.items()]
        if changes:
            await self._keys.bulk_write(changes, ordered=False)


def _next(date: datetime | None) -> Document:
    return {"$set": {"remind_at": date}} if date else {"$unset": {"remind_at": ""}}
