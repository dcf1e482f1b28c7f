"""Notifications: of follows, and of events left open, in batches; read by their owner. EventInbox writes the others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection

from adapters.mongo.client import Client, Database, Document
from adapters.mongo.journal.occurrences import OccurrenceStore
from adapters.mongo.transactions import in_transaction
from adapters.mongo.users.security_events import SecurityEventStore
from domain.event_specs import event_spec
from domain.journal.occurrences import Occurrence
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
    """`last_seq`: the user's last sequence number, assigned now or earlier; 0 without any.

    `is_full`: the batch was full, so there may be more.
    """

    last_seq: int
    is_full: bool


class NotificationStore:
    """Writes a user's notifications under consecutive numbers, lists them, and marks them as read."""

    def __init__(
        self, client: Client, database: Database, events: SecurityEventStore, occurrences: OccurrenceStore
    ) -> None:
        self._client = client
        self._database = database
        self._inboxes = database["inboxes"]
        self._notifications = database["notifications"]
        self._events = events
        self._occurrences = occurrences

    async def write(
        self,
        user_id: str,
        notifications: Sequence[NewNotification],
        now: datetime,
        occurrences: Sequence[Occurrence] = (),
    ) -> WriteResult:
        """Store one batch under the next numbers, and record the occurrences. A known `dedupe_key` is skipped and takes
        no number.
        """

        async def work(tx: AsyncClientSession) -> int:
            if occurrences:
                await self._occurrences.record_many(occurrences, tx)
            return await self._insert_new(user_id, notifications, now, tx)

        last_seq = await in_transaction(self._client, work) if notifications or occurrences else 0
        return WriteResult(last_seq or await self._last_seq(user_id), is_full=len(notifications) >= MAX_BATCH)

    async def write_events(self, user_id: str, now: datetime) -> WriteResult:
        """Store notifications of the user's open security events and close these, one batch, in one transaction."""

        async def work(tx: AsyncClientSession) -> tuple[int, bool]:
            events = await self._events.find_unnotified(user_id, limit=MAX_BATCH, tx=tx)
            if not events:
                return 0, False
            new = [event_notification(event, texts) for event, texts in _with_texts(events)]
            last_seq = await self._insert_new(user_id, new, now, tx)
            await self._events.close_notifications([event.event_id for event in events], tx)
            return last_seq, len(events) == MAX_BATCH

        last_seq, is_full = await in_transaction(self._client, work)
        return WriteResult(last_seq or await self._last_seq(user_id), is_full)

    async def find_notified_follows(
        self, user_id: str, follows: Sequence[PendingFollow], since: datetime
    ) -> set[PendingFollow]:
        """Return those follows that the user was notified of.

        A notification of another follow by the same follower later than `since` counts too.
        """
        followers = [ObjectId(follow.follower_id) for follow in follows]
        keys = list(map(follow_dedupe_key, follows))
        notified = {
            "user_id": ObjectId(user_id),
            "about": {"$in": followers},
            "$or": [{"createdAt": {"$gt": since}}, {"dedupe_key": {"$in": keys}}],
        }
        found = await self._notifications.find(notified, {"about": 1, "dedupe_key": 1, "createdAt": 1}).to_list()
        recent = {str(document["about"]) for document in found if document["createdAt"] > since}
        known = {document["dedupe_key"] for document in found}
        return {follow for follow in follows if follow.follower_id in recent or follow_dedupe_key(follow) in known}

    async def redact(self, user_id: str, about_user_ids: Sequence[str]) -> None:
        """Redact the user's notifications about these users: they keep their numbers and lose their content."""
        mentions = {"user_id": ObjectId(user_id), "about": {"$in": list(map(ObjectId, about_user_ids))}}
        await self._notifications.update_many(mentions, {"$set": {"message": REDACTED_TEXT, "data": {}}})

    async def delete_all(self, user_id: str) -> None:
        """Delete all of the user's: the account was erased while a notification was written for it."""
        owned = {"user_id": ObjectId(user_id)}
        await self._notifications.delete_many(owned)
        await self._inboxes.delete_many(owned)

    async def list_page(
        self, user_id: str, *, skip: int, before: int | None, limit: int, unread_only: bool
    ) -> Page[Notification]:
        """Return one page, newest first, with the count of all matching notifications.

        It begins after `skip` rows, or below the number `before`. The cursor is the last row's number.
        """
        owned: Document = {"user_id": ObjectId(user_id)} | ({"read": False} if unread_only else {})
        older = owned | {"seq": {"$lt": before}} if before is not None else owned
        found = self._notifications.find(older).sort(NEWEST_FIRST).skip(0 if before is not None else skip)
        documents = await found.limit(limit + 1).to_list()
        rows = [notification_from(document) for document in documents[:limit]]
        next_cursor = str(rows[-1].seq) if len(documents) > limit else None
        return Page(rows, await self._notifications.count_documents(owned), next_cursor)

    async def count_unread(self, user_id: str) -> int:
        """Return how many notifications the user has not read."""
        return await self._notifications.count_documents({"user_id": ObjectId(user_id), "read": False})

    async def mark_read(self, user_id: str, notification_id: str, now: datetime) -> Notification | None:
        """Mark one as read and return it, also if it was read before; None when the user has no such notification."""
        owned = {"_id": ObjectId(notification_id), "user_id": ObjectId(user_id)}
        document = await self._notifications.find_one_and_update(
            owned | {"read": False}, _read(now), return_document=ReturnDocument.AFTER
        )
        document = document or await self._notifications.find_one(owned)
        return notification_from(document) if document else None

    async def mark_all_read(self, user_id: str, now: datetime) -> int:
        """Mark all as read. Returns how many were unread."""
        unread = {"user_id": ObjectId(user_id), "read": False}
        return (await self._notifications.update_many(unread, _read(now))).modified_count

    async def _insert_new(
        self, user_id: str, notifications: Sequence[NewNotification], now: datetime, tx: AsyncClientSession
    ) -> int:
        """Insert those whose keys are not stored. Returns the last number assigned, 0 when none was."""
        fresh = await self._without_stored(notifications, user_id, tx)
        return await insert_numbered(self._database, fresh, user_id, now, tx) if fresh else 0

    async def _last_seq(self, user_id: str) -> int:
        inbox = await self._inboxes.find_one({"user_id": ObjectId(user_id)}, {"last_seq": 1})
        return int(inbox["last_seq"]) if inbox else 0

    async def _without_stored(
        self, notifications: Sequence[NewNotification], user_id: str, tx: AsyncClientSession
    ) -> Sequence[NewNotification]:
        """Return one notification per key, of keys that are not stored."""
        by_key = {each.dedupe_key: each for each in notifications}
        known = {"user_id": ObjectId(user_id), "dedupe_key": {"$in": list(by_key)}}
        async for document in self._notifications.find(known, {"dedupe_key": 1}, session=tx):
            del by_key[document["dedupe_key"]]
        return list(by_key.values())


async def insert_numbered(
    database: Database, fresh: Sequence[NewNotification], user_id: str, now: datetime, tx: AsyncClientSession
) -> int:
    """Store notifications that are not stored yet under the user's next numbers. Returns the last one."""
    last = await raise_last_seq(database["inboxes"], user_id, len(fresh), now, tx)
    numbered = enumerate(fresh, start=last - len(fresh) + 1)
    documents = [notification_document(each, user_id, seq, now) for seq, each in numbered]
    await database["notifications"].insert_many(documents, session=tx)
    return last


async def raise_last_seq(
    inboxes: AsyncCollection[Document], user_id: str, count: int, now: datetime, tx: AsyncClientSession
) -> int:
    """Take the user's next `count` numbers, in one round trip. Returns the last one."""
    inbox = await inboxes.find_one_and_update(
        {"user_id": ObjectId(user_id)},
        last_seq_raised(count, now),
        upsert=True,
        return_document=ReturnDocument.AFTER,
        session=tx,
    )
    last: int = (inbox or {})["last_seq"]
    return last


def last_seq_raised(count: int, now: datetime) -> Document:
    """Return the change of an inbox, upserted, that takes its next `count` numbers."""
    return {"$inc": {"last_seq": count}, "$set": {"updatedAt": now}, "$setOnInsert": {"createdAt": now}}


def _read(now: datetime) -> Document:
    return {"$set": {"read": True, "read_at": now, "updatedAt": now}}


def notification_document(new: NewNotification, user_id: str, seq: int, now: datetime) -> Document:
    """Return the document of a new notification under its number."""
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
    """Return the notification of a stored document."""
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


def _with_texts(events: Sequence[SecurityEvent]) -> Iterator[tuple[SecurityEvent, EventNotification]]:
    """Yield the events that become a notification, each with its texts."""
    for event in events:
        texts = event_spec(event).notification
        if texts is not None:
            yield event, texts
