"""Security events of accounts. An event is also the intent to notify its user: until the mail is ordered
(`notice_open_since`), and until the notification is stored (`notification_open_since`).
"""

from collections.abc import Sequence
from datetime import datetime

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.client import Database, Document
from domain.event_specs import event_spec
from domain.paging import Cursor, Page, PageRequest, format_cursor
from domain.users.security_events import EventKind, SecurityEvent

NEWEST_FIRST = [("at", -1), ("_id", -1)]


class SecurityEventStore:
    """Records and lists security events, and closes their intents."""

    def __init__(self, database: Database) -> None:
        self._events = database["security_events"]

    async def record(self, event: SecurityEvent, tx: AsyncClientSession | None = None) -> None:
        """Record the event, in the transaction of the change if there is one. Idempotent: keyed by `event_id`."""
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
        if spec.notification:
            document["notification_open_since"] = event.at
        key = {"_id": ObjectId(event.event_id)}
        await self._events.update_one(key, {"$setOnInsert": document}, upsert=True, session=tx)

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
        await self._events.update_many(these, {"$unset": {"notification_open_since": ""}}, session=tx)

    async def find_unnotified_users(self, *, before: datetime, limit: int) -> Sequence[str]:
        """Return ids of users with notifications pending since before `before`, oldest event first."""
        cursor = self._events.find({"notification_open_since": {"$lt": before}}, {"user_id": 1})
        documents = await cursor.sort([("notification_open_since", 1)]).limit(limit).to_list()
        return list(dict.fromkeys(str(document["user_id"]) for document in documents))


def _older(cursor: Cursor) -> Document:
    same_moment = {"at": cursor.at, "_id": {"$lt": ObjectId(cursor.row_id)}}
    return {"$or": [{"at": {"$lt": cursor.at}}, same_moment]}


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
