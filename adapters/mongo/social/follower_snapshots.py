"""Daily snapshots of who follows whom, as the next day's is made from them.

A day of one person is the document with chunk 0, which alone says that the day is there. The ids of somebody with few
followers stand in it; those of somebody famous in chunks 1 to `chunks`, each a slice of all ids, written before it.
"""

from collections.abc import AsyncIterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, timedelta

from bson import ObjectId
from pymongo.errors import BulkWriteError

from adapters.mongo.client import Database, Document
from adapters.mongo.social.snapshot_documents import (
    IN_ORDER,
    day_document,
    ids_of,
    last_day_from,
    midnight,
    object_ids,
    slice_document,
    whole_days,
)
from domain.social.follower_snapshots import FULL_EVERY, Day, LastDay, Part, Slice, Taken, Unreadable

DUPLICATE_KEY = 11_000
FACTS = ("day", "full_day", "followers_number", "changes", "fingerprint")


@dataclass(frozen=True)
class Earlier:
    """The last day of each person who has one. Of who is `unreadable` nothing can be made."""

    last: Mapping[str, LastDay] = field(default_factory=dict)
    unreadable: Set[str] = frozenset()


@dataclass(frozen=True)
class Lists:
    """Who followed each person."""

    followers: Mapping[str, Set[str]] = field(default_factory=dict)
    unreadable: Set[str] = frozenset()


class FollowerSnapshotStore:
    def __init__(self, database: Database) -> None:
        self._snapshots = database["follower_snapshots"]

    async def taken(self, user_ids: Sequence[str], day: date) -> Set[str]:
        """Who of them has this day already."""
        which = {"user_id": {"$in": object_ids(user_ids)}, "day": midnight(day), "chunk": 0}
        return {str(document["user_id"]) async for document in self._snapshots.find(which, {"user_id": 1})}

    async def earlier(self, user_ids: Sequence[str], *, before: date) -> Earlier:
        """The last day of each of them. Most have one of the day before: it is looked for there first."""
        found: dict[str, LastDay] = {}
        unreadable: set[str] = set()
        for since in (before - timedelta(days=1), before - FULL_EVERY, date.min):
            wanted = [user_id for user_id in user_ids if user_id not in found and user_id not in unreadable]
            if not wanted:
                break
            async for document in await self._snapshots.aggregate(_newest(wanted, since, before)):
                try:
                    found[str(document["_id"])] = last_day_from(document["last"])
                except Unreadable:
                    unreadable.add(str(document["_id"]))
        return Earlier(found, unreadable)

    async def lists(self, last: Mapping[str, LastDay], within: Slice | None = None) -> Lists:
        """Who followed them on their last day, as far as the ids are in the slice: the whole list of then, and all
        that has changed since. One query.
        """
        followers: dict[str, set[str]] = {user_id: set() for user_id in last}
        unreadable: set[str] = set()
        async for document in whole_days(self._since_full(last, within)):
            user_id = str(document["user_id"])
            try:
                if last[user_id].full_day <= document["day"].date() <= last[user_id].day:
                    followers[user_id] |= {*ids_of(document, "full", within), *ids_of(document, "came", within)}
                    followers[user_id].difference_update(ids_of(document, "left", within))
            except Unreadable:
                unreadable.add(user_id)
        return Lists(followers, unreadable)

    async def edges(self, user_id: str, full_day: date) -> Sequence[str]:
        """The last id of each slice of a whole list, in their order; none where it is one document."""
        which = {"user_id": ObjectId(user_id), "day": midnight(full_day), "chunk": {"$gt": 0}}
        return [str(document["high"]) async for document in self._snapshots.find(which, {"high": 1}).sort("high", 1)]

    async def write(self, days: Sequence[Taken]) -> None:
        """Days of people with few followers, in one go. A day that is there stays as it is."""
        if not days:
            return
        try:
            # Inserts go to the disk many at a time, upserts one by one: a quarter of their time (measured).
            await self._snapshots.insert_many([_key(each.day) | _document(each) for each in days], ordered=False)
        except BulkWriteError as error:
            # The day was there, or another who takes it was faster: nothing to add.
            if any(each["code"] != DUPLICATE_KEY for each in error.details["writeErrors"]):
                raise

    async def write_slice(self, user_id: str, day: date, chunk: int, part: Part) -> None:
        """A part of a famous person's day. It counts once the day is finished; written again it takes its own place."""
        key: Document = {"user_id": ObjectId(user_id), "day": midnight(day), "chunk": chunk}
        document = slice_document(part.within, part.changed, part.full)
        await self._snapshots.replace_one(key, key | document, upsert=True)

    async def finish(self, day: Day, *, chunks: int) -> None:
        """All slices of the day are there."""
        await self._snapshots.update_one(_key(day), {"$setOnInsert": day_document(day, chunks=chunks)}, upsert=True)

    async def _since_full(self, last: Mapping[str, LastDay], within: Slice | None) -> AsyncIterator[Document]:
        which: Document = {
            "user_id": {"$in": object_ids(last)},
            "day": {
                "$gte": midnight(min(each.full_day for each in last.values())),
                "$lte": midnight(max(each.day for each in last.values())),
            },
        }
        if within:
            overlapping = {"low": {"$lt": ObjectId(within.high)}, "high": {"$gt": ObjectId(within.low)}}
            which["$or"] = [{"chunk": 0}, overlapping]
        async for document in self._snapshots.find(which).sort(IN_ORDER):
            yield document


def _key(day: Day) -> Document:
    return {"user_id": ObjectId(day.user_id), "day": midnight(day.day), "chunk": 0}


def _document(taken: Taken) -> Document:
    return day_document(taken.day, changed=taken.changed, full=taken.full)


def _newest(user_ids: Sequence[str], since: date, before: date) -> Sequence[Document]:
    days = {"$gte": midnight(since), "$lt": midnight(before)}
    return [
        {"$match": {"user_id": {"$in": object_ids(user_ids)}, "day": days, "chunk": 0}},
        {"$sort": {"user_id": -1, "day": -1}},
        # Field by field: of `$$ROOT` the server would hand over the whole list too, `$project` or not (6.0, measured).
        {"$group": {"_id": "$user_id", "last": {"$first": {name: f"${name}" for name in FACTS}}}},
    ]
