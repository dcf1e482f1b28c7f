"""How API keys were used, by day, in their own documents: an erasure takes it with them, and none comes back after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId
from pymongo import UpdateOne

from adapters.mongo.client import Database, Document
from domain.auth.api_keys import DayOfUse


@dataclass(frozen=True)
class KeyUses:
    """Calls of one key on one day, counted by a process. `last_network`: the prefix of the last client's address."""

    key_id: str
    counts: DayOfUse
    last_at: datetime
    last_network: str


class ApiKeyUseStore:
    """Adds up uses, reads them, and drops the old ones."""

    def __init__(self, database: Database) -> None:
        self._keys = database["api_keys"]

    async def add(self, uses: Sequence[KeyUses]) -> None:
        """Add these counts, in one round trip. Those of keys that are gone are dropped."""
        if uses:
            await self._keys.bulk_write([_update(each) for each in uses], ordered=False)

    async def find(self, user_id: str, key_id: str) -> Mapping[str, DayOfUse] | None:
        """Return the uses of a user's key by day; None when there is no such key."""
        document = await self._keys.find_one({"_id": ObjectId(key_id), "user_id": ObjectId(user_id)}, {"uses": 1})
        if document is None:
            return None
        stored: Mapping[str, Document] = document.get("uses", {})
        return {
            day: DayOfUse(day, counted["calls"], counted["refusals"], sorted(counted["routes"]))
            for day, counted in stored.items()
        }

    async def drop_before(self, day: str, *, after: str | None, limit: int) -> str | None:
        """Drop the uses of earlier days of at most `limit` keys, those that follow `after` by their ids. Idempotent.

        Returns the last of these keys; None when there was none.
        """
        later = {"_id": {"$gt": ObjectId(after)}} if after else {}
        ids = [key["_id"] async for key in self._keys.find(later, {"_id": 1}, sort=[("_id", 1)], limit=limit)]
        if not ids:
            return None
        these = {"_id": {"$gte": ids[0], "$lte": ids[-1]}, "uses": {"$exists": True}}
        await self._keys.update_many(these, [{"$set": {"uses": _uses_from(day)}}])
        return str(ids[-1])


def _uses_from(day: str) -> Document:
    """Return the expression for the uses of this day and later ones."""
    days: Document = {"input": {"$objectToArray": "$uses"}, "cond": {"$gte": ["$$this.k", day]}}
    return {"$arrayToObject": {"$filter": days}}


def _update(uses: KeyUses) -> UpdateOne:
    counts, day = uses.counts, f"uses.{uses.counts.day}"
    change = {
        "$inc": {f"{day}.calls": counts.calls, f"{day}.refusals": counts.refusals},
        "$addToSet": {f"{day}.routes": {"$each": list(counts.routes)}},
        "$max": {"last_used_at": uses.last_at},
        "$set": {"last_used_network": uses.last_network},
    }
    return UpdateOne({"_id": ObjectId(uses.key_id)}, change)
