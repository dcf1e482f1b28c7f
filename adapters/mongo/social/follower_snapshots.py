"""Daily snapshots of followers; the snapshot of a day is made from that of the previous one.

A user's day is the document with chunk 0, which alone marks the day as complete. With few followers it holds the ids
itself. With many, the ids are in chunks 1 to `chunks`, each a slice of all ids, written before it.
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
    object_ids,
    previous_from,
    slice_document,
)
from domain.moments import midnight
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
    """The last snapshot by user id. `unreadable`: users whose documents are malformed."""

    by_user: Mapping[str, PreviousSnapshot] = field(default_factory=dict)
    unreadable: Set[str] = frozenset()


@dataclass(frozen=True)
class FollowerLists:
    """The followers' ids by user id. `unreadable`: users whose documents are malformed."""

    followers: Mapping[str, Set[str]] = field(default_factory=dict)
    unreadable: Set[str] = frozenset()


class FollowerSnapshotStore:
    """Writes the snapshots of a day and reads those before it."""

    def __init__(self, database: Database) -> None:
        self._snapshots = database["follower_snapshots"]

    async def find_taken(self, user_ids: Sequence[str], day: date) -> Set[str]:
        """Return those of the users who have a snapshot of this day."""
        query = {"user_id": {"$in": object_ids(user_ids)}, "day": midnight(day), "chunk": 0}
        return {str(document["user_id"]) async for document in self._snapshots.find(query, {"user_id": 1})}

    async def find_previous(self, user_ids: Sequence[str], *, before: date) -> PreviousSnapshots:
        """Return the last snapshot of each user before the day.

        Most have one of the day before, so that day is searched first.
        """
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
        """Return who followed the users on the day of their last snapshot, reduced to the ids of the range. One query.

        The list is the last full one with all changes since.
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
        """Return the last id of each slice of a full list, in order.

        Empty when the list is one document.
        """
        query = {"user_id": ObjectId(user_id), "day": midnight(full_day), "chunk": {"$gt": 0}}
        return [str(document["high"]) async for document in self._snapshots.find(query, {"high": 1}).sort("high", 1)]

    async def write(self, days: Sequence[SnapshotWithIds]) -> None:
        """Write days of users with few followers, in one call. A day that exists stays as it is."""
        if not days:
            return
        try:
            # Inserts reach the disk in batches, upserts one by one: inserts take a quarter of the time (measured).
            await self._snapshots.insert_many(
                [_key(taken.snapshot) | _document(taken) for taken in days], ordered=False
            )
        except BulkWriteError as error:
            # The day exists already, or a concurrent run has written it: nothing to add.
            if any(failure["code"] != DUPLICATE_KEY_CODE for failure in error.details["writeErrors"]):
                raise

    async def write_slice(self, user_id: str, day: date, chunk: int, part: SnapshotSlice) -> None:
        """Write or replace one slice of the day of a user with many followers.

        It counts once the day is finished.
        """
        key: Document = {"user_id": ObjectId(user_id), "day": midnight(day), "chunk": chunk}
        document = slice_document(part.id_range, part.changed, part.full)
        await self._snapshots.replace_one(key, key | document, upsert=True)

    async def finish(self, day: DailySnapshot, *, chunks: int) -> None:
        """Write the day's document with chunk 0, after all of its slices."""
        await self._snapshots.update_one(_key(day), {"$setOnInsert": day_document(day, chunks=chunks)}, upsert=True)

    async def _since_full(
        self, previous: Mapping[str, PreviousSnapshot], id_range: IdRange | None
    ) -> AsyncIterator[Document]:
        query: Document = {
            "user_id": {"$in": object_ids(previous)},
            "day": {
                "$gte": midnight(min(each.full_day for each in previous.values())),
                "$lte": midnight(max(each.day for each in previous.values())),
            },
        }
        if id_range:
            overlapping = {"low": {"$lt": ObjectId(id_range.high)}, "high": {"$gt": ObjectId(id_range.low)}}
            query["$or"] = [{"chunk": 0}, overlapping]
        async for document in self._snapshots.find(query).sort(BY_USER_DAY_CHUNK):
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
        # Field by field: with `$$ROOT` the server reads the full list too, `$project` or not (6.0, measured).
        {"$group": {"_id": "$user_id", "last": {"$first": {name: f"${name}" for name in SUMMARY_FIELDS}}}},
    ]
