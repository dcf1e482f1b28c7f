"""Inboxes for tests: what is owed to a user, what is stored for them, and an inbox that refuses."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from activities.notifications.notifications import NotificationActivities
from activities.operations.notification_drain import NotificationDrainActivities
from adapters.failures import is_unavailable
from adapters.mongo.notifications.notification_batches import NotificationBatchStore
from adapters.redis.notification_publisher import NotificationPublisher
from adapters.resources import Resources
from domain.users.security_events import EventKind, SecurityEvent
from tests.support.graph import graph_users
from tests.support.notifications import leave_open
from tests.support.people import SignedIn


async def follow(resources: Resources, by: SignedIn, whom: SignedIn, at: datetime | None = None) -> None:
    """Write the edge with its intent; wake no shard."""
    await resources.social.follows.follow(*await graph_users(resources, by, whom), at or datetime.now(UTC))


async def happens(resources: Resources, *people: SignedIn) -> None:
    """An event of each user, whose notification is left to the drain."""
    for someone in people:
        event_id = resources.hashes.new_object_id()
        event = SecurityEvent(event_id, someone.user["_id"], EventKind.ROLE_CHANGED, datetime.now(UTC), "Laptop")
        await leave_open(resources, event)


async def inbox(resources: Resources, someone: SignedIn) -> list[tuple[int, str]]:
    """Return number and text of the user's notifications, oldest first."""
    mine = {"user_id": ObjectId(someone.user["_id"])}
    found = resources.clients.database["notifications"].find(mine).sort("seq")
    return [(document["seq"], document["message"]) async for document in found]


async def owed_follows(resources: Resources, someone: SignedIn) -> int:
    return len(await resources.social.pending_follows.list_pending(someone.user["_id"], limit=1_000))


async def owed_events(resources: Resources, someone: SignedIn) -> int:
    mine = {"user_id": ObjectId(someone.user["_id"]), "notification_open_since": {"$exists": True}}
    return await resources.clients.database["security_events"].count_documents(mine)


def told(*people: SignedIn) -> list[tuple[int, str]]:
    return [(seq, f"{each.person.username} just followed you") for seq, each in enumerate(people, start=1)]


async def make_older(resources: Resources, someone: SignedIn, *, by: timedelta) -> None:
    """Move the user's notifications into the past."""
    mine = {"user_id": ObjectId(someone.user["_id"])}
    then = {"$set": {"createdAt": datetime.now(UTC) - by}}
    await resources.clients.database["notifications"].update_many(mine, then)


async def break_inbox(resources: Resources, someone: SignedIn) -> None:
    """The number that comes next is taken: whatever is stored for this user is refused."""
    mine = {"user_id": ObjectId(someone.user["_id"])}
    await resources.clients.database["notifications"].insert_one(
        {**mine, "seq": 1, "dedupe_key": "taken", "message": "taken", "createdAt": datetime.now(UTC)}
    )


async def repair_inbox(resources: Resources, someone: SignedIn) -> None:
    mine = {"user_id": ObjectId(someone.user["_id"])}
    await resources.clients.database["inboxes"].update_one(mine, {"$set": {"last_seq": 1}}, upsert=True)


def drains_with(resources: Resources, publisher: NotificationPublisher) -> NotificationDrainActivities:
    return NotificationDrainActivities(
        resources.notifications.batches,
        resources.notifications.notifications,
        resources.users.users,
        resources.users.security_events,
        resources.social.pending_follows,
        publisher,
        is_unavailable,
    )


def entity_of_one(resources: Resources) -> NotificationActivities:
    stores = resources.notifications
    return NotificationActivities(
        stores.notifications, resources.users.users, resources.social.pending_follows, stores.publisher
    )


def during_the_write(monkeypatch: pytest.MonkeyPatch, happening: Callable[[], Awaitable[Any]]) -> None:
    write = NotificationBatchStore.write

    async def write_meanwhile(store: NotificationBatchStore, *args: Any, **options: Any) -> Mapping[str, int]:
        await happening()
        return await write(store, *args, **options)

    monkeypatch.setattr(NotificationBatchStore, "write", write_meanwhile)
