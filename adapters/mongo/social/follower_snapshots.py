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
    BY_USER_DAY_CHUNK,
    day_document,
    finished_days,
    ids_in_range,
    midnight,
    object_ids,
    previous_from,
    slice_document,
)
from domain.social.follower_snapshots import (
    FULL_SNAPSHOT_INTERVAL,
    DailySnapshot,
    IdRange,
    PreviousSnapshot,
    SnapshotSlice,
    SnapshotWithIds,
    UnreadableSnapshot,
)

DUPLICATE_KEY_CODE = 11_000
SUMMARY_FIELDS = ("day", "full_day", "followers_number", "changes", "fingerprint")


@dataclass(frozen=True)
class PreviousSnapshots:
    """The last day of each person who has one. Of who is `unreadable` nothing can be made."""

    by_user: Mapping[str, PreviousSnapshot] = field(default_factory=dict)
    unreadable: Set[str] = frozenset()


@dataclass(frozen=True)
class FollowerLists:
    """Who followed each person."""

    followers: Mapping[str, Set[str]] = field(default_factory=dict)
    unreadable: Set[str] = frozenset()


class FollowerSnapshotStore:
    def __init__(self, database: Database) -> None:
        self._snapshots = database["follower_snapshots"]

    async def find_taken(self, user_ids: Sequence[str], day: date) -> Set[str]:
        """Who of them has this day already."""
        which = {"user_id": {"$in": object_ids(user_ids)}, "day": midnight(day), "chunk": 0}
        return {str(document["user_id"]) async for document in self._snapshots.find(which, {"user_id": 1})}

    async def find_previous(self, user_ids: Sequence[str], *, before: date) -> PreviousSnapshots:
        """The last day of each of them. Most have one of the day before: it is looked for there first."""
        found: dict[str, PreviousSnapshot] = {}
        unreadable: set[str] = set()
        for since in (before - timedelta(days=1), before - FULL_SNAPSHOT_INTERVAL, date.min):
            wanted = [user_id for user_id in user_ids if user_id not in found and user_id not in unreadable]
            if not wanted:
                break
            async for document in await self._snapshots.aggregate(_newest(wanted, since, before)):
                try:
                    found[str(document["_id"])] = previous_from(document["last"])
                except UnreadableSnapshot:
                    unreadable.add(str(document["_id"]))
        return PreviousSnapshots(found, unreadable)

    async def read_followers(
        self, previous: Mapping[str, PreviousSnapshot], id_range: IdRange | None = None
    ) -> FollowerLists:
        """Who followed them on their last day, as far as the ids are in the slice: the whole list of then, and all
        that has changed since. One query.
        """
        followers: dict[str, set[str]] = {user_id: set() for user_id in previous}
        unreadable: set[str] = set()
        async for document in finished_days(self._since_full(previous, id_range)):
            user_id = str(document["user_id"])
            try:
                if previous[user_id].full_day <= document["day"].date() <= previous[user_id].day:
                    followers[user_id] |= {
                        *ids_in_range(document, "full", id_range),
                        *ids_in_range(document, "came", id_range),
                    }
                    followers[user_id].difference_update(ids_in_range(document, "left", id_range))
            except UnreadableSnapshot:
                unreadable.add(user_id)
        return FollowerLists(followers, unreadable)

    async def slice_boundaries(self, user_id: str, full_day: date) -> Sequence[str]:
        """The last id of each slice of a whole list, in their order; none where it is one document."""
        which = {"user_id": ObjectId(user_id), "day": midnight(full_day), "chunk": {"$gt": 0}}
        return [str(document["high"]) async for document in self._snapshots.find(which, {"high": 1}).sort("high", 1)]

    async def write(self, days: Sequence[SnapshotWithIds]) -> None:
        """Days of people with few followers, in one go. A day that is there stays as it is."""
        if not days:
            return
        try:
            # Inserts go to the disk many at a time, upserts one by one: a quarter of their time (measured).
            await self._snapshots.insert_many([_key(each.snapshot) | _document(each) for each in days], ordered=False)
        except BulkWriteError as error:
            # The day was there, or another who takes it was faster: nothing to add.
            if any(each["code"] != DUPLICATE_KEY_CODE for each in error.details["writeErrors"]):
                raise

    async def write_slice(self, user_id: str, day: date, chunk: int, part: SnapshotSlice) -> None:
        """A part of a famous person's day. It counts once the day is finished; written again it takes its own place."""
        key: Document = {"user_id": ObjectId(user_id), "day": midnight(day), "chunk": chunk}
        document = slice_document(part.id_range, part.changed, part.full)
        await self._snapshots.replace_one(key, key | document, upsert=True)

    async def finish(self, day: DailySnapshot, *, chunks: int) -> None:
        """All slices of the day are there."""
        await self._snapshots.update_one(_key(day), {"$setOnInsert": day_document(day, chunks=chunks)}, upsert=True)

    async def _since_full(
        self, previous: Mapping[str, PreviousSnapshot], id_range: IdRange | None
    ) -> AsyncIterator[Document]:
        which: Document = {
            "user_id": {"$in": object_ids(previous)},
            "day": {
                "$gte": midnight(min(each.full_day for each in previous.values())),
                "$lte": midnight(max(each.day for each in previous.values())),
            },
        }
        if id_range:
            overlapping = {"low": {"$lt": ObjectId(id_range.high)}, "high": {"$gt": ObjectId(id_range.low)}}
            which["$or"] = [{"chunk": 0}, overlapping]
        async for document in self._snapshots.find(which).sort(BY_USER_DAY_CHUNK):
            yield document


def _key(day: DailySnapshot) -> Document:
    return {"user_id": ObjectId(day.user_id), "day": midnight(day.day), "chunk": 0}


def _document(taken: SnapshotWithIds) -> Document:
    return day_document(taken.snapshot, changed=taken.changed, full=taken.full)


def _newest(user_ids: Sequence[str], since: date, before: date) -> Sequence[Document]:
    days = {"$gte": midnight(since), "$lt": midnight(before)}
    return [
        {"$match": {"user_id": {"$in": object_ids(user_ids)}, "day": days, "chunk": 0}},
        {"$sort": {"user_id": -1, "day": -1}},
        # Field by field: of `$$ROOT` the server would hand over the whole list too, `$project` or not (6.0, measured).
        {"$group": {"_id": "$user_id", "last": {"$first": {name: f"${name}" for name in SUMMARY_FIELDS}}}},
    ]
