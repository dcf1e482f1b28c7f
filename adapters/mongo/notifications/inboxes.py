"""Notifications as gateways read them: for many people at once, by number, and what of them has arrived."""

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
    last_seq: int
    unread: int


@dataclass(frozen=True)
class SeqRange:
    """The numbers above `after`, up to and with `until`, of one person."""

    user_id: str
    after: int
    until: int


class InboxStore:
    def __init__(self, database: Database) -> None:
        self._inboxes = database["inboxes"]
        self._notifications = database["notifications"]

    async def find_states(self, user_ids: Sequence[str]) -> Mapping[str, InboxState]:
        """How far each person's notifications go, and how many up to there they have not read, in two queries."""
        last_seqs = await self.find_last_seqs(user_ids)
        unread = await self._unread(last_seqs) if last_seqs else {}
        return {each: InboxState(last_seqs.get(each, 0), unread.get(each, 0)) for each in user_ids}

    async def find_last_seqs(self, user_ids: Sequence[str]) -> Mapping[str, int]:
        """How far each person's notifications go, in one query; nothing of who has none."""
        whose = {"user_id": {"$in": list(map(ObjectId, user_ids))}}
        found = await self._inboxes.find(whose, {"_id": 0, "user_id": 1, "last_seq": 1}).to_list()
        return {str(row["user_id"]): row["last_seq"] for row in found}

    async def _unread(self, last_seqs: Mapping[str, int]) -> Mapping[str, int]:
        """What came after the number was read is not counted: the client gets it and counts it itself."""
        until = [
            {"user_id": ObjectId(user_id), "read": False, "seq": {"$lte": seq}} for user_id, seq in last_seqs.items()
        ]
        stages: list[Document] = [{"$match": {"$or": until}}, {"$group": {"_id": "$user_id", "unread": {"$sum": 1}}}]
        counted = await (await self._notifications.aggregate(stages)).to_list()
        return {str(row["_id"]): row["unread"] for row in counted}

    async def read_ranges(self, ranges: Sequence[SeqRange]) -> Sequence[Notification]:
        """All of the spans, each person's in order, in one query."""
        asked = [{"user_id": ObjectId(span.user_id), "seq": {"$gt": span.after, "$lte": span.until}} for span in ranges]
        found = self._notifications.find({"$or": asked} if len(asked) > 1 else asked[0]).sort(OLDEST_FIRST)
        return [notification_from(document) for document in await found.to_list()]

    async def read_undelivered(self, seq_range: SeqRange, *, limit: int) -> Sequence[Notification]:
        """The first of the span that nobody has said to have got."""
        undelivered = {
            "user_id": ObjectId(seq_range.user_id),
            "delivered": False,
            "seq": {"$gt": seq_range.after, "$lte": seq_range.until},
        }
        found = self._notifications.find(undelivered).sort(OLDEST_FIRST).limit(limit)
        return [notification_from(document) for document in await found.to_list()]

    async def find_recent_readers(self, user_ids: Sequence[str], since: datetime) -> Sequence[str]:
        """Those of the people who have marked anything as read since then, in one query."""
        whose = {"$in": list(map(ObjectId, user_ids))}
        marked = {"user_id": whose, "read": True, "read_at": {"$gte": since}}
        return list(map(str, await self._notifications.distinct("user_id", marked)))

    async def find_read_between(
        self, user_id: str, first: datetime, last: datetime, *, after: int, limit: int
    ) -> Sequence[Notification]:
        """What the person has marked as read from `first` to `last`: the next above the number `after`, in order."""
        when = {"$gte": first, "$lte": last}
        marked = {"user_id": ObjectId(user_id), "read": True, "read_at": when, "seq": {"$gt": after}}
        found = self._notifications.find(marked).sort(OLDEST_FIRST).limit(limit)
        return [notification_from(document) for document in await found.to_list()]

    async def mark_delivered_until(self, user_id: str, seq: int, now: datetime) -> None:
        """The person has got everything up to `seq`."""
        await self._notifications.update_many(_undelivered(user_id, {"$lte": seq}), _delivered(now))

    async def mark_delivered(self, seqs: Mapping[str, Sequence[int]], now: datetime) -> None:
        """These numbers were written to somebody's socket, by person; in one round trip."""
        marks = [
            UpdateMany(_undelivered(user_id, {"$in": list(each)}), _delivered(now)) for user_id, each in seqs.items()
        ]
        await self._notifications.bulk_write(marks, ordered=False)


def _undelivered(user_id: str, seq: Document) -> Document:
    return {"user_id": ObjectId(user_id), "delivered": False, "seq": seq}


def _delivered(now: datetime) -> Document:
    return {"$set": {"delivered": True, "delivered_at": now, "updatedAt": now}}
