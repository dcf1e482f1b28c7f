"""An event and its notification are one write: both or neither, whatever else is written meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.notifications.event_inbox import EventInbox
from adapters.mongo.transactions import in_transaction
from adapters.mongo.users.security_events import SecurityEventStore
from adapters.resources import Resources
from domain.users.security_events import EventKind, SecurityEvent
from tests.support.accounts import make_account
from tests.support.notifications import new_notifications
from tests.support.people import SignedIn
from tests.support.sign_ins import new_sign_in
from tests.support.sweep import pause_sweep

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
async def resources(resources: Resources) -> AsyncIterator[Resources]:
    async with pause_sweep(resources):
        yield resources


@pytest.fixture
async def someone(resources: Resources) -> SignedIn:
    return await make_account(resources)


class Told:
    """What an inbox publishes, and whom it has woken."""

    def __init__(self) -> None:
        self.published: list[int] = []
        self.woken: list[str] = []

    async def publish(self, user_id: str, seq: int) -> None:
        self.published.append(seq)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def events(resources: Resources, told: Told) -> SecurityEventStore:
    clients = resources.clients
    inbox = EventInbox(clients.database, told.publish, told.woken.append)
    return SecurityEventStore(clients.mongo, clients.database, inbox, resources.journal.occurrences)


def event(resources: Resources, someone: SignedIn, kind: EventKind = EventKind.ROLE_CHANGED) -> SecurityEvent:
    return SecurityEvent(resources.hashes.new_object_id(), someone.user["_id"], kind, NOW)


async def owned(resources: Resources, someone: SignedIn, collection: str) -> list[dict[str, Any]]:
    """Return the user's documents, in the order of their numbers or of their coming."""
    mine = {"user_id": ObjectId(someone.user["_id"])}
    return await resources.clients.database[collection].find(mine).sort([("seq", 1), ("_id", 1)]).to_list()


async def seqs(resources: Resources, someone: SignedIn) -> list[int]:
    return [document["seq"] for document in await owned(resources, someone, "notifications")]


async def left_open(resources: Resources, someone: SignedIn) -> int:
    return sum("notification_open_since" in document for document in await owned(resources, someone, "security_events"))


async def test_event_comes_with_its_notification(
    events: SecurityEventStore, resources: Resources, someone: SignedIn, told: Told
) -> None:
    happened = event(resources, someone)

    await events.record(happened)

    (notification,) = await owned(resources, someone, "notifications")
    assert (notification["seq"], notification["dedupe_key"]) == (1, f"event:{happened.event_id}")
    assert await left_open(resources, someone) == 0
    assert (told.published, told.woken) == ([1], [])


async def test_event_recorded_again_is_notified_once_and_writes_nothing(
    events: SecurityEventStore, resources: Resources, someone: SignedIn, told: Told
) -> None:
    happened, account = event(resources, someone), {"_id": ObjectId(someone.user["_id"])}
    await events.record(happened)
    before = await resources.clients.database["users"].find_one(account)

    await events.record(happened)

    assert await seqs(resources, someone) == told.published == [1]
    assert await resources.clients.database["users"].find_one(account) == before


async def test_event_that_is_not_committed_takes_no_number_and_is_not_published(
    events: SecurityEventStore, resources: Resources, someone: SignedIn, told: Told
) -> None:
    async def change_of_mind(tx: AsyncClientSession) -> None:
        await events.record(event(resources, someone), tx)
        await tx.abort_transaction()

    await in_transaction(resources.clients.mongo, change_of_mind)
    await events.record(event(resources, someone))

    assert await seqs(resources, someone) == told.published == [1]


async def test_event_of_a_missing_account_leaves_nothing(
    events: SecurityEventStore, resources: Resources, someone: SignedIn
) -> None:
    unknown = replace(someone, user={"_id": resources.hashes.new_object_id()})

    await events.record(event(resources, unknown))

    assert await owned(resources, unknown, "security_events") == []
    assert await owned(resources, unknown, "notifications") == await owned(resources, unknown, "inboxes") == []


async def test_event_that_meets_other_writers_again_and_again_becomes_an_intent_and_wakes(
    events: SecurityEventStore, resources: Resources, someone: SignedIn, told: Told
) -> None:
    await events.record(event(resources, someone))
    inbox = {"user_id": ObjectId(someone.user["_id"])}

    async with resources.clients.mongo.start_session() as other, await other.start_transaction():
        await resources.clients.database["inboxes"].update_one(inbox, {"$inc": {"writes": 1}}, session=other)
        await events.record(event(resources, someone))

    assert (await seqs(resources, someone), await left_open(resources, someone)) == ([1], 1)
    assert (told.published, told.woken) == ([1], [someone.user["_id"]])
    await resources.notifications.notifications.write_events(someone.user["_id"], NOW)
    assert (await seqs(resources, someone), await left_open(resources, someone)) == ([1, 2], 0)


async def test_sign_ins_at_once_are_numbered_without_a_gap(resources: Resources, someone: SignedIn) -> None:
    openings = [await new_sign_in(resources, someone, NOW) for _ in range(12)]

    await asyncio.gather(*map(resources.auth.sign_ins.open, openings))

    assert await seqs(resources, someone) == list(range(1, 13))
    assert await left_open(resources, someone) == 0


async def test_sign_ins_beside_a_burst_of_follows_are_notified_once(resources: Resources, someone: SignedIn) -> None:
    openings = [await new_sign_in(resources, someone, NOW) for _ in range(12)]
    user_id, store = someone.user["_id"], resources.notifications.notifications

    async def burst() -> None:
        for _ in range(20):
            await store.write(user_id, new_notifications(20), NOW)

    await asyncio.gather(burst(), *map(resources.auth.sign_ins.open, openings))
    await store.write_events(user_id, NOW)

    keys = [document["dedupe_key"] for document in await owned(resources, someone, "notifications")]
    assert await seqs(resources, someone) == list(range(1, 413))
    assert sorted(keys)[:12] == sorted(f"event:{opening.event.event_id}" for opening in openings)
    assert await left_open(resources, someone) == 0
