"""Security events of accounts, each recorded in one transaction with its occurrence and the notification to its user.

An event is also the intent to send a mail, until that is ordered (`notice_open_since`); and the intent to notify, where
the notification could not be stored at once (`notification_open_since`).
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Protocol

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.client import Client, Database, Document
from adapters.mongo.journal.occurrences import OccurrenceStore
from adapters.mongo.shards import in_shard
from adapters.mongo.transactions import in_transaction
from domain.event_specs import event_occurrences, event_spec
from domain.paging import Cursor, Page, PageRequest, format_cursor
from domain.users.security_events import EventKind, EventNotification, PendingEvents, SecurityEvent

NEWEST_FIRST = [("at", -1), ("_id", -1)]


class Inbox(Protocol):
    """Where users find notifications of their events. Notifications are an area above: see EventInbox there."""

    async def put(self, event: SecurityEvent, words: EventNotification, tx: AsyncClientSession) -> bool:
        """Store the notification in the transaction. False, and nothing is written, to leave it to the intent."""


class SecurityEventStore:
    """Records and lists security events, and closes their intents."""

    def __init__(self, client: Client, database: Database, inbox: Inbox, occurrences: OccurrenceStore) -> None:
        self._client = client
        self._events = database["security_events"]
        self._users = database["users"]
        self._inbox = inbox
        self._occurrences = occurrences

    async def record(self, event: SecurityEvent, tx: AsyncClientSession | None = None) -> None:
        """Record the event, its occurrence and its notification, in the transaction of the change. Idempotent, by
        `event_id`.

        The transaction has written the account's document, by `lock_account` if by nothing else: an erasure at once
        would not see what is written here. Without `tx` nothing else changes; no event of a missing account is written.
        """
        if tx is None:
            await in_transaction(self._client, partial(self._record_alone, event))
            return
        spec = event_spec(event)
        key = {"_id": ObjectId(event.event_id)}
        recorded = await self._events.update_one(key, {"$setOnInsert": _document(event)}, upsert=True, session=tx)
        if recorded.upserted_id is None:
            return
        await self._occurrences.record_many_new(event_occurrences(event), tx)
        if spec.notification is None:
            return
        if not await self._inbox.put(event, spec.notification, tx):
            await self._events.update_one(key, {"$set": {"notification_open_since": event.at}}, session=tx)

    async def lock_account(self, event: SecurityEvent, tx: AsyncClientSession) -> bool:
        """Write to the account's document: an erasure or a sign-in at once conflicts with it, and one of both repeats.

        False when the account no longer exists.
        """
        account = {"_id": ObjectId(event.user_id)}
        return (await self._users.update_one(account, {"$inc": {"locks": 1}}, session=tx)).matched_count == 1

    async def _record_alone(self, event: SecurityEvent, tx: AsyncClientSession) -> None:
        if not await self.is_recorded(event.event_id, tx) and await self.lock_account(event, tx):
            await self.record(event, tx)

    async def is_recorded(self, event_id: str, tx: AsyncClientSession | None = None) -> bool:
        """Whether an event with this id is recorded; `tx` sees its own writes."""
        return await self._events.find_one({"_id": ObjectId(event_id)}, {"_id": 1}, session=tx) is not None

    async def find(self, event_id: str) -> SecurityEvent | None:
        """Return the event; None when it is not recorded."""
        document = await self._events.find_one({"_id": ObjectId(event_id)})
        return _event(document) if document else None

    async def list_page(self, user_id: str, page_request: PageRequest) -> Page[SecurityEvent]:
        """Return one page of the user's events, newest first, with the count of all."""
        after, limit = page_request.after, page_request.limit
        owned: Document = {"user_id": ObjectId(user_id)}
        documents = await (
            self._events.find(owned | _older(after) if after else owned)
            .sort(NEWEST_FIRST)
            .skip(0 if after else page_request.skip)
            .limit(limit + 1)
            .to_list()
        )
        events = [_event(document) for document in documents[:limit]]
        has_more = len(documents) > limit
        next_cursor = format_cursor(Cursor(events[-1].at, events[-1].event_id)) if has_more else None
        return Page(events, await self._events.count_documents(owned), next_cursor)

    async def count_since(self, user_id: str, kind: EventKind, since: datetime) -> int:
        """Return how many events of this kind the user has at or after `since`."""
        recent = {"user_id": ObjectId(user_id), "kind": kind, "at": {"$gte": since}}
        return await self._events.count_documents(recent)

    async def close_notice(self, event_id: str) -> None:
        """Close the intent of the mail: it is ordered."""
        await self._events.update_one({"_id": ObjectId(event_id)}, {"$unset": {"notice_open_since": ""}})

    async def find_open_notices(self, *, before: datetime, limit: int) -> Sequence[str]:
        """Return ids of events whose mail is pending since before `before`, oldest first, from the partial index."""
        cursor = self._events.find({"notice_open_since": {"$lt": before}}, {"_id": 1})
        documents = await cursor.sort([("notice_open_since", 1)]).limit(limit).to_list()
        return [str(document["_id"]) for document in documents]

    async def find_unnotified(self, user_id: str, *, limit: int, tx: AsyncClientSession) -> Sequence[SecurityEvent]:
        """Return the user's events whose notification is pending, oldest first."""
        if limit <= 0:
            return []
        owned = {"user_id": ObjectId(user_id), "notification_open_since": {"$exists": True}}
        cursor = self._events.find(owned, session=tx).sort([("notification_open_since", 1)]).limit(limit)
        return [_event(document) for document in await cursor.to_list()]

    async def close_notifications(self, event_ids: Sequence[str], tx: AsyncClientSession) -> None:
        """Close the intents of the notifications, in the transaction that stores them."""
        these = {"_id": {"$in": list(map(ObjectId, event_ids))}}
        closed = {"notification_open_since": "", "notification_failed_at": ""}
        await self._events.update_many(these, {"$unset": closed}, session=tx)

    async def find_oldest_unnotified(self, suffixes: Sequence[str], *, limit: int) -> PendingEvents:
        """Return the events of a shard's users whose notification is pending and not set aside, oldest first."""
        pending = {"notification_open_since": {"$exists": True}, "notification_failed_at": None}
        cursor = self._events.find(pending | in_shard("user_id", suffixes)).sort([("notification_open_since", 1)])
        documents = await cursor.limit(limit).to_list()
        unreadable = {str(document["user_id"]) for document in documents if document["kind"] not in [*EventKind]}
        events = [_event(document) for document in documents if str(document["user_id"]) not in unreadable]
        return PendingEvents(events, unreadable, len(documents))

    async def set_aside(self, user_ids: Sequence[str], now: datetime) -> None:
        """Take the pending notifications of these users out of the batches."""
        pending = {"user_id": {"$in": list(map(ObjectId, user_ids))}, "notification_open_since": {"$exists": True}}
        await self._events.update_many(pending, {"$set": {"notification_failed_at": now}})

    async def find_unnotified_users(self, *, before: datetime, limit: int) -> Sequence[str]:
        """Return ids of users with notifications pending since before `before`, oldest event first."""
        return await self._users_of({"notification_open_since": {"$lt": before}, "notification_failed_at": None}, limit)

    async def find_set_aside_users(self, *, limit: int) -> Sequence[str]:
        """Return ids of users whose pending notifications are set aside, oldest event first."""
        failed = {"notification_open_since": {"$exists": True}, "notification_failed_at": {"$ne": None}}
        return await self._users_of(failed, limit)

    async def _users_of(self, query: Document, limit: int) -> Sequence[str]:
        cursor = self._events.find(query, {"user_id": 1}).sort([("notification_open_since", 1)]).limit(limit)
        return list(dict.fromkeys([str(document["user_id"]) async for document in cursor]))


def _older(cursor: Cursor) -> Document:
    same_moment = {"at": cursor.at, "_id": {"$lt": ObjectId(cursor.row_id)}}
    return {"$or": [{"at": {"$lt": cursor.at}}, same_moment]}


def _document(event: SecurityEvent) -> Document:
    spec = event_spec(event)
    document: Document = {
        "user_id": ObjectId(event.user_id),
        "kind": event.kind,
        "severity": spec.severity,
        "at": event.at,
        "device": event.device,
        "address_prefix": event.address_prefix,
    }
    if event.details:
        document["details"] = dict(event.details)
    if spec.mail:
        document["notice_open_since"] = event.at
    return document


def _event(document: Document) -> SecurityEvent:
    return SecurityEvent(
        event_id=str(document["_id"]),
        user_id=str(document["user_id"]),
        kind=EventKind(document["kind"]),
        at=document["at"],
        device=document["device"],
        address_prefix=document["address_prefix"],
        details=document.get("details", {}),
    )
