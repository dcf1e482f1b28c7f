"""Shards through kills and outages: of many intents none is lost and none carried out twice."""

import asyncio
import signal
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from bson import ObjectId

from adapters.mongo.users.users import with_sync_intent
from adapters.resources import Resources
from devstack.stack import Stack
from domain.intents import IntentKind
from domain.paging import to_milliseconds
from tests.faults.outages import away, healthy, send_signal
from tests.support.accounts import make_account
from tests.support.people import SignedIn
from tests.support.polling import eventually

FOLLOWERS = 30
FOLLOWED = 40

# The edges that the route creates, with their intents.
FOLLOW_ALL = """
UNWIND $by AS by UNWIND $whom AS whom
MATCH (a:User {user_id: by}) MATCH (b:User {user_id: whom})
CREATE (a)-[:FOLLOWING {from_id: by, to_id: whom, created_at: $at, notify_open: $at}]->(b)
"""


@pytest.fixture(autouse=True)
async def connected_anew(well: None) -> None:
    """All servers are up, and stay so until the test says otherwise."""


@pytest.fixture
async def people(resources: Resources) -> list[SignedIn]:
    return [await make_account(resources) for _ in range(FOLLOWERS + FOLLOWED)]


def ids_of(people: Sequence[SignedIn]) -> list[str]:
    return [each.user["_id"] for each in people]


async def follow_all(resources: Resources, by: Sequence[str], whom: Sequence[str]) -> None:
    await resources.clients.neo4j.execute_query(FOLLOW_ALL, by=by, whom=whom, at=to_milliseconds(datetime.now(UTC)))
    resources.intent_waker.wake(IntentKind.FOLLOW_NOTIFICATIONS, whom[0])


async def change_all(resources: Resources, user_ids: Sequence[str]) -> None:
    these = {"_id": {"$in": list(map(ObjectId, user_ids))}}
    await resources.clients.database["users"].update_many(
        these, with_sync_intent({"display_name": "Changed"}, datetime.now(UTC))
    )
    resources.intent_waker.wake(IntentKind.GRAPH_SYNC, user_ids[0])


async def is_all_told(resources: Resources, whom: Sequence[str], times: int) -> bool:
    return await resources.notifications.inboxes.find_last_seqs(whom) == dict.fromkeys(whom, times)


async def are_all_closed(resources: Resources, whom: Sequence[str]) -> bool:
    owed = [await resources.social.pending_follows.list_pending(user_id, limit=1) for user_id in whom]
    return not any(owed)


async def are_all_synced(resources: Resources, user_ids: Sequence[str], version: int) -> bool:
    return await resources.operations.projected_nodes.versions(user_ids) == dict.fromkeys(user_ids, version)


async def count_notifications(resources: Resources, whom: Sequence[str]) -> int:
    of_all = {"user_id": {"$in": list(map(ObjectId, whom))}}
    return await resources.clients.database["notifications"].count_documents(of_all)


async def test_worker_killed_amid_a_drain_loses_nothing_and_doubles_nothing(
    stack: Stack, resources: Resources, people: list[SignedIn]
) -> None:
    by, whom = ids_of(people[:FOLLOWERS]), ids_of(people[FOLLOWERS:])

    await follow_all(resources, by, whom)
    await change_all(resources, by)
    await eventually(lambda: has_begun(resources, whom))
    send_signal(stack, "worker", signal.SIGKILL)
    await healthy(stack)

    await eventually(lambda: is_all_told(resources, whom, FOLLOWERS), within=60)
    await eventually(lambda: are_all_closed(resources, whom), within=60)
    await eventually(lambda: are_all_synced(resources, by, 2), within=60)
    assert await count_notifications(resources, whom) == FOLLOWERS * FOLLOWED


async def has_begun(resources: Resources, whom: Sequence[str]) -> bool:
    return bool(await resources.notifications.inboxes.find_last_seqs(whom))


async def test_lost_wake_ups_are_made_up_for_by_the_sweep(
    stack: Stack, resources: Resources, people: list[SignedIn]
) -> None:
    by, whom = ids_of(people[:2]), ids_of(people[2:4])

    async with away(stack, "temporal"):
        await asyncio.gather(follow_all(resources, by, whom), change_all(resources, by))
        await resources.intent_waker.wait_until_idle()

    await eventually(lambda: is_all_told(resources, whom, 2), within=90)
    await eventually(lambda: are_all_synced(resources, by, 2), within=90)


async def test_drain_that_the_graph_has_interrupted_goes_on_when_it_is_back(
    stack: Stack, resources: Resources, people: list[SignedIn]
) -> None:
    by, whom = ids_of(people[:2]), ids_of(people[2:4])

    async with away(stack, "neo4j"):
        await change_all(resources, by)
        await resources.intent_waker.wait_until_idle()
    await follow_all(resources, by, whom)

    await eventually(lambda: are_all_synced(resources, by, 2), within=90)
    await eventually(lambda: is_all_told(resources, whom, 2), within=90)
