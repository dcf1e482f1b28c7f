"""Notifications, written in batches by the one writer that each person has, and read by their owner."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.client import Client, Database, Document
from adapters.mongo.transactions import in_transaction
from adapters.mongo.users.security_events import SecurityEventStore
from domain.event_specs import event_spec
from domain.notifications.notifications import (
    MAX_BATCH,
    REDACTED_TEXT,
    NewNotification,
    Notification,
    NotificationType,
    event_notification,
    follow_dedupe_key,
)
from domain.paging import Page
from domain.social.follows import PendingFollow
from domain.users.security_events import EventNotification, SecurityEvent

NEWEST_FIRST = [("seq", -1)]


@dataclass(frozen=True)
class WriteResult:
    """`last_seq` is the person's last number, whether or not it was taken now; 0 when they have none. `is_full`: there
    may be more.
    """

    last_seq: int
    is_full: bool


class NotificationStore:
    def __init__(self, client: Client, database: Database) -> None:
        self._client = client
        self._inboxes = database["inboxes"]
        self._notifications = database["notifications"]
        self._events = SecurityEventStore(database)

    async def write(self, user_id: str, notifications: Sequence[NewNotification], now: datetime) -> WriteResult:
        """Store a batch at most, under the next numbers. What was told before is not told again and takes no number."""

        async def work(tx: AsyncClientSession) -> int:
            return await self._insert_new(user_id, notifications, now, tx)

        last_seq = await in_transaction(self._client, work) if notifications else 0
        return WriteResult(last_seq or await self._last_seq(user_id), is_full=len(notifications) >= MAX_BATCH)

    async def write_events(self, user_id: str, now: datetime) -> WriteResult:
        """Store what the person's open events tell, a batch at most, and close those events: one transaction."""

        async def work(tx: AsyncClientSession) -> tuple[int, bool]:
            events = await self._events.find_unnotified(user_id, limit=MAX_BATCH, tx=tx)
            if not events:
                return 0, False
            told = [event_notification(event, words) for event, words in _with_words(events)]
            last_seq = await self._insert_new(user_id, told, now, tx)
            await self._events.close_notifications([event.event_id for event in events], tx)
            return last_seq, len(events) == MAX_BATCH

        last_seq, is_full = await in_transaction(self._client, work)
        return WriteResult(last_seq or await self._last_seq(user_id), is_full)

    async def find_notified_follows(
        self, user_id: str, follows: Sequence[PendingFollow], since: datetime
    ) -> set[PendingFollow]:
        """Those the person was told of, or of another by the same follower later than `since`."""
        followers = [ObjectId(follow.follower_id) for follow in follows]
        keys = list(map(follow_dedupe_key, follows))
        told = {
            "user_id": ObjectId(user_id),
            "about": {"$in": followers},
            "$or": [{"createdAt": {"$gt": since}}, {"dedupe_key": {"$in": keys}}],
        }
        found = await self._notifications.find(told, {"about": 1, "dedupe_key": 1, "createdAt": 1}).to_list()
        lately = {str(each["about"]) for each in found if each["createdAt"] > since}
        known = {each["dedupe_key"] for each in found}
        return {each for each in follows if each.follower_id in lately or follow_dedupe_key(each) in known}

    async def redact(self, user_id: str, about_user_ids: Sequence[str]) -> None:
        """The person's notifications about these people keep their numbers and say nothing any more."""
        mentions = {"user_id": ObjectId(user_id), "about": {"$in": list(map(ObjectId, about_user_ids))}}
        await self._notifications.update_many(mentions, {"$set": {"message": REDACTED_TEXT, "data": {}}})

    async def delete_all(self, user_id: str) -> None:
        """Delete all: the account was erased while something was written for it."""
        mine = {"user_id": ObjectId(user_id)}
        await self._notifications.delete_many(mine)
        await self._inboxes.delete_many(mine)

    async def list_page(
        self, user_id: str, *, skip: int, before: int | None, limit: int, unread_only: bool
    ) -> Page[Notification]:
        """Newest first, after so many rows or below the number `before`. The cursor is the last row's number."""
        mine: Document = {"user_id": ObjectId(user_id)} | ({"read": False} if unread_only else {})
        older = mine | {"seq": {"$lt": before}} if before is not None else mine
        found = self._notifications.find(older).sort(NEWEST_FIRST).skip(0 if before is not None else skip)
        documents = await found.limit(limit + 1).to_list()
        rows = [notification_from(document) for document in documents[:limit]]
        next_cursor = str(rows[-1].seq) if len(documents) > limit else None
        return Page(rows, await self._notifications.count_documents(mine), next_cursor)

    async def count_unread(self, user_id: str) -> int:
        return await self._notifications.count_documents({"user_id": ObjectId(user_id), "read": False})

    async def mark_read(self, user_id: str, notification_id: str, now: datetime) -> Notification | None:
        """The notification, read now or before; None when the person has no such one."""
        mine = {"_id": ObjectId(notification_id), "user_id": ObjectId(user_id)}
        document = await self._notifications.find_one_and_update(
            mine | {"read": False}, _read(now), return_document=ReturnDocument.AFTER
        )
        document = document or await self._notifications.find_one(mine)
        return notification_from(document) if document else None

    async def mark_all_read(self, user_id: str, now: datetime) -> int:
        """Returns how many were unread."""
        unread = {"user_id": ObjectId(user_id), "read": False}
        return (await self._notifications.update_many(unread, _read(now))).modified_count

    async def _insert_new(
        self, user_id: str, notifications: Sequence[NewNotification], now: datetime, tx: AsyncClientSession
    ) -> int:
        """Insert those whose keys the store does not have. Returns the last number taken, 0 when none was."""
        fresh = await self._without_stored(notifications, user_id, tx)
        return await self._insert(fresh, user_id, now, tx) if fresh else 0

    async def _last_seq(self, user_id: str) -> int:
        inbox = await self._inboxes.find_one({"user_id": ObjectId(user_id)}, {"last_seq": 1})
        return int(inbox["last_seq"]) if inbox else 0

    async def _without_stored(
        self, notifications: Sequence[NewNotification], user_id: str, tx: AsyncClientSession
    ) -> Sequence[NewNotification]:
        """Each key once, and only keys that the store does not have."""
        by_key = {each.dedupe_key: each for each in notifications}
        known = {"user_id": ObjectId(user_id), "dedupe_key": {"$in": list(by_key)}}
        async for document in self._notifications.find(known, {"dedupe_key": 1}, session=tx):
            del by_key[document["dedupe_key"]]
        return list(by_key.values())

    async def _insert(
        self, fresh: Sequence[NewNotification], user_id: str, now: datetime, tx: AsyncClientSession
    ) -> int:
        """Take the next numbers and store under them. Returns the last one."""
        inbox = await self._inboxes.find_one_and_update(
            {"user_id": ObjectId(user_id)},
            {"$inc": {"last_seq": len(fresh)}, "$set": {"updatedAt": now}, "$setOnInsert": {"createdAt": now}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
            session=tx,
        )
        last: int = (inbox or {})["last_seq"]
        numbered = enumerate(fresh, start=last - len(fresh) + 1)
        documents = [_document(each, user_id, seq, now) for seq, each in numbered]
        await self._notifications.insert_many(documents, session=tx)
        return last


def _read(now: datetime) -> Document:
    return {"$set": {"read": True, "read_at": now, "updatedAt": now}}


def _document(new: NewNotification, user_id: str, seq: int, now: datetime) -> Document:
    document: Document = {
        "user_id": ObjectId(user_id),
        "seq": seq,
        "dedupe_key": new.dedupe_key,
        "type": new.type,
        "title": new.title,
        "message": new.message,
        "data": dict(new.data),
        "delivered": False,
        "delivered_at": None,
        "read": False,
        "read_at": None,
        "createdAt": now,
        "updatedAt": now,
    }
    if new.about:
        document["about"] = ObjectId(new.about)
    return document


def notification_from(document: Document) -> Notification:
    return Notification(
        notification_id=str(document["_id"]),
        user_id=str(document["user_id"]),
        seq=document["seq"],
        type=NotificationType(document["type"]),
        title=document["title"],
        message=document["message"],
        data=document["data"],
        delivered_at=document["delivered_at"],
        read_at=document["read_at"],
        created_at=document["createdAt"],
    )


def _with_words(events: Sequence[SecurityEvent]) -> Iterator[tuple[SecurityEvent, EventNotification]]:
    """Those that become a notification, each with its words."""
    for event in events:
        words = event_spec(event).notification
        if words is not None:
            yield event, words
