"""Notifications as gateways read them: for many users at once, by sequence number, and which were delivered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId
from pymongo import UpdateMany

from adapters.mongo.client import Database, Document
from adapters.mongo.notifications.notifications import notification_from
from domain.notifications.notifications import Notification

OLDEST_FIRST = [("seq", 1)]


@dataclass(frozen=True)
class InboxState:
    """`last_seq`: the user's last sequence number, 0 without any. `unread`: unread notifications up to it."""

    last_seq: int
    unread: int


@dataclass(frozen=True)
class SeqRange:
    """Sequence numbers of one user: above `after`, up to and including `until`."""

    user_id: str
    after: int
    until: int


class InboxStore:
    """Reads ranges of notifications for gateways, and marks them as delivered."""

    def __init__(self, database: Database) -> None:
        self._inboxes = database["inboxes"]
        self._notifications = database["notifications"]

    async def find_states(self, user_ids: Sequence[str]) -> Mapping[str, InboxState]:
        """Return each user's last sequence number and count of unread up to it, in two queries."""
        last_seqs = await self.find_last_seqs(user_ids)
        unread = await self._unread(last_seqs) if last_seqs else {}
        return {user_id: InboxState(last_seqs.get(user_id, 0), unread.get(user_id, 0)) for user_id in user_ids}

    async def find_last_seqs(self, user_ids: Sequence[str]) -> Mapping[str, int]:
        """Return each user's last sequence number, in one query; users without notifications are left out."""
        of_users = {"user_id": {"$in": list(map(ObjectId, user_ids))}}
        found = await self._inboxes.find(of_users, {"_id": 0, "user_id": 1, "last_seq": 1}).to_list()
        return {str(row["user_id"]): row["last_seq"] for row in found}

    async def _unread(self, last_seqs: Mapping[str, int]) -> Mapping[str, int]:
        """Count the unread up to each user's last number.

        Later ones are not counted: the client receives them and counts them itself.
        """
        until = [
            {"user_id": ObjectId(user_id), "read": False, "seq": {"$lte": seq}} for user_id, seq in last_seqs.items()
        ]
        stages: list[Document] = [{"$match": {"$or": until}}, {"$group": {"_id": "$user_id", "unread": {"$sum": 1}}}]
        counted = await (await self._notifications.aggregate(stages)).to_list()
        return {str(row["_id"]): row["unread"] for row in counted}

    async def read_ranges(self, ranges: Sequence[SeqRange]) -> Sequence[Notification]:
        """Return all notifications of the ranges, in the order of their numbers, in one query."""
        asked = [{"user_id": ObjectId(span.user_id), "seq": {"$gt": span.after, "$lte": span.until}} for span in ranges]
        found = self._notifications.find({"$or": asked} if len(asked) > 1 else asked[0]).sort(OLDEST_FIRST)
        return [notification_from(document) for document in await found.to_list()]

    async def read_undelivered(self, seq_range: SeqRange, *, limit: int) -> Sequence[Notification]:
        """Return the first `limit` notifications of the range that are not marked as delivered."""
        undelivered = {
            "user_id": ObjectId(seq_range.user_id),
            "delivered": False,
            "seq": {"$gt": seq_range.after, "$lte": seq_range.until},
        }
        found = self._notifications.find(undelivered).sort(OLDEST_FIRST).limit(limit)
        return [notification_from(document) for document in await found.to_list()]

    async def find_recent_readers(self, user_ids: Sequence[str], since: datetime) -> Sequence[str]:
        """Return those of the users who have marked anything as read since then, in one query."""
        of_users = {"$in": list(map(ObjectId, user_ids))}
        marked = {"user_id": of_users, "read": True, "read_at": {"$gte": since}}
        return list(map(str, await self._notifications.distinct("user_id", marked)))

    async def find_read_between(
        self, user_id: str, first: datetime, last: datetime, *, after: int, limit: int
    ) -> Sequence[Notification]:
        """Return what the user marked as read from `first` to `last`, both included.

        The first `limit` with a number above `after`, in order.
        """
        when = {"$gte": first, "$lte": last}
        marked = {"user_id": ObjectId(user_id), "read": True, "read_at": when, "seq": {"$gt": after}}
        found = self._notifications.find(marked).sort(OLDEST_FIRST).limit(limit)
        return [notification_from(document) for document in await found.to_list()]

    async def mark_delivered_until(self, user_id: str, seq: int, now: datetime) -> None:
        """Mark all up to `seq` as delivered: the client has confirmed them."""
        await self._notifications.update_many(_undelivered(user_id, {"$lte": seq}), _delivered(now))

    async def mark_delivered(self, seqs: Mapping[str, Sequence[int]], now: datetime) -> None:
        """Mark these numbers, by user, as delivered: they were written to a socket. One round trip."""
        marks = [
            UpdateMany(_undelivered(user_id, {"$in": list(numbers)}), _delivered(now))
            for user_id, numbers in seqs.items()
        ]
        await self._notifications.bulk_write(marks, ordered=False)


def _undelivered(user_id: str, seq: Document) -> Document:
    return {"user_id": ObjectId(user_id), "delivered": False, "seq": seq}


def _delivered(now: datetime) -> Document:
    return {"$set": {"delivered": True, "delivered_at": now, "updatedAt": now}}
