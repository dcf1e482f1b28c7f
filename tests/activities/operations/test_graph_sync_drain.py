"""The drain of sync intents: many accounts in one batch, and none waits for one that cannot be written."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from neo4j.exceptions import CypherTypeError, ServiceUnavailable
from temporalio.testing import ActivityEnvironment

from activities.operations import graph_sync_drain
from activities.operations.graph_sync_drain import GraphSyncDrainActivities
from activities.operations.intent_drain import Drained
from adapters.failures import is_unavailable
from adapters.mongo.client import Database
from adapters.mongo.users.users import UserStore, with_sync_intent
from adapters.neo4j.users.users import GraphUserStore
from adapters.resources import Resources
from domain import intents
from domain.intents import IntentKind, Shard
from domain.users.users import GraphUser

NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
KIND = IntentKind.GRAPH_SYNC
ALL = Shard(KIND, 0)
NOTHING_MORE = Drained(is_full=False)


@pytest.fixture(autouse=True)
def without_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("activities.operations.intent_drain.LINGER_SECONDS", {KIND: 0})


@pytest.fixture
def users(database: Database) -> UserStore:
    return UserStore(database)


@pytest.fixture
def activities(users: UserStore, resources: Resources) -> GraphSyncDrainActivities:
    return GraphSyncDrainActivities(users, resources.users.nodes, is_unavailable)


async def owe(database: Database, count: int, **fields: Any) -> list[str]:
    """Insert accounts with open intents, the oldest first. Return their ids."""
    ids = [ObjectId() for _ in range(count)]
    accounts = [
        {
            "_id": each,
            "username": f"u{each}",
            "username_key": f"u{each}",
            "email_key": f"{each}@people.test",
            "display_name": "A name",
            "role": "user",
            "avatar_ipfs_hash": None,
            "is_active": True,
            "profile_version": 1,
            "sync_open_since": NOW + timedelta(seconds=number),
            **fields,
        }
        for number, each in enumerate(ids)
    ]
    await database["users"].insert_many(accounts)
    return list(map(str, ids))


async def owed(database: Database) -> set[str]:
    return {str(user["_id"]) async for user in database["users"].find({"sync_open_since": {"$exists": True}})}


async def versions(resources: Resources, user_ids: Sequence[str]) -> dict[str, int]:
    return dict(await resources.operations.projected_nodes.versions(user_ids))


async def test_batch_is_in_the_graph_and_owed_no_more(
    environment: ActivityEnvironment, activities: GraphSyncDrainActivities, database: Database, resources: Resources
) -> None:
    ids = await owe(database, 20)

    answers = [await environment.run(activities.drain, ALL) for _ in range(2)]

    assert answers == [NOTHING_MORE] * 2
    assert await versions(resources, ids) == dict.fromkeys(ids, 1)
    assert await owed(database) == set()


async def test_oldest_of_more_than_a_batch_come_first(
    environment: ActivityEnvironment,
    activities: GraphSyncDrainActivities,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(graph_sync_drain, "MAX_DRAINED", 3)
    ids = await owe(database, 5)

    assert await environment.run(activities.drain, ALL) == Drained(is_full=True)
    assert await owed(database) == set(ids[3:])
    assert await environment.run(activities.drain, ALL) == NOTHING_MORE
    assert await owed(database) == set()


async def test_shard_carries_out_its_own_users_and_no_others(
    environment: ActivityEnvironment,
    activities: GraphSyncDrainActivities,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(intents, "SHARD_COUNTS", {KIND: 3})
    ids = await owe(database, 30)
    left = []

    for number in range(3):
        await environment.run(activities.drain, Shard(KIND, number))
        left.append(await owed(database))

    others = {user_id for user_id in ids if int(user_id[-2:], 16) % 3}
    assert left == [others, {user_id for user_id in others if int(user_id[-2:], 16) % 3 == 2}, set()]


async def test_account_that_cannot_be_read_delays_no_other(
    environment: ActivityEnvironment, activities: GraphSyncDrainActivities, database: Database, resources: Resources
) -> None:
    (poisoned,) = await owe(database, 1, role="emperor")
    others = await owe(database, 3)

    await environment.run(activities.drain, ALL)

    assert await owed(database) == {poisoned}
    assert await versions(resources, [poisoned, *others]) == dict.fromkeys(others, 1)


async def test_account_that_the_graph_refuses_delays_no_other_and_is_not_tried_again(
    environment: ActivityEnvironment,
    activities: GraphSyncDrainActivities,
    database: Database,
    users: UserStore,
    resources: Resources,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    poisoned, *others = await owe(database, 4)
    tries = refuse(monkeypatch, poisoned)

    await environment.run(activities.drain, ALL)
    await environment.run(activities.drain, ALL)

    assert [len(batch) for batch in tries] == [4, 1, 1, 1, 1]
    assert await versions(resources, [poisoned, *others]) == dict.fromkeys(others, 1)
    assert [user_id for user_id, _ in await users.find_failed_syncs(limit=10)] == [poisoned]


async def test_account_that_was_set_aside_is_tried_again_once_it_is_changed(
    environment: ActivityEnvironment,
    activities: GraphSyncDrainActivities,
    database: Database,
    users: UserStore,
    resources: Resources,
) -> None:
    (poisoned,) = await owe(database, 1, role="emperor")
    await environment.run(activities.drain, ALL)

    await database["users"].update_one({"_id": ObjectId(poisoned)}, with_sync_intent({"role": "user"}, NOW))
    await environment.run(activities.drain, ALL)

    assert await owed(database) == set()
    assert await versions(resources, [poisoned]) == {poisoned: 2}
    assert await users.find_failed_syncs(limit=10) == []


async def test_graph_that_is_away_sets_no_account_aside(
    environment: ActivityEnvironment,
    activities: GraphSyncDrainActivities,
    database: Database,
    users: UserStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ids = await owe(database, 2)

    async def away(_store: GraphUserStore, _users: Sequence[GraphUser]) -> None:
        raise ServiceUnavailable("connection refused")

    monkeypatch.setattr(GraphUserStore, "put_many", away)

    with pytest.raises(ServiceUnavailable):
        await environment.run(activities.drain, ALL)

    assert await owed(database) == set(ids)
    assert await users.find_failed_syncs(limit=10) == []


async def test_account_that_changes_during_the_write_stays_owed(
    environment: ActivityEnvironment,
    activities: GraphSyncDrainActivities,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    changed, _ = await owe(database, 2)
    change = with_sync_intent({"display_name": "Changed"}, NOW)
    during_the_write(monkeypatch, lambda: database["users"].update_one({"_id": ObjectId(changed)}, change))

    await environment.run(activities.drain, ALL)

    assert await owed(database) == {changed}


async def test_account_erased_during_the_write_leaves_no_node(
    environment: ActivityEnvironment,
    activities: GraphSyncDrainActivities,
    database: Database,
    resources: Resources,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    erased, other = await owe(database, 2)
    during_the_write(monkeypatch, lambda: database["users"].delete_one({"_id": ObjectId(erased)}))

    await environment.run(activities.drain, ALL)

    assert await versions(resources, [erased, other]) == {other: 1}


async def test_two_drains_at_once_write_each_account_and_close_each_intent(
    environment: ActivityEnvironment, activities: GraphSyncDrainActivities, database: Database, resources: Resources
) -> None:
    ids = await owe(database, 50)

    await asyncio.gather(*(environment.run(activities.drain, ALL) for _ in range(2)))

    assert await versions(resources, ids) == dict.fromkeys(ids, 1)
    assert await owed(database) == set()


def refuse(monkeypatch: pytest.MonkeyPatch, poisoned: str) -> list[Sequence[GraphUser]]:
    """Let the graph refuse each batch with this account in it. Return the batches that it is asked to write."""
    tries: list[Sequence[GraphUser]] = []
    put_many = GraphUserStore.put_many

    async def put_all_but_one(store: GraphUserStore, profiles: Sequence[GraphUser]) -> None:
        tries.append(profiles)
        if poisoned in {profile.user_id for profile in profiles}:
            raise CypherTypeError("Property values can only be of primitive types")
        await put_many(store, profiles)

    monkeypatch.setattr(GraphUserStore, "put_many", put_all_but_one)
    return tries


def during_the_write(monkeypatch: pytest.MonkeyPatch, happens: Any) -> None:
    put_many = GraphUserStore.put_many

    async def put_meanwhile(store: GraphUserStore, profiles: Sequence[GraphUser]) -> None:
        await happens()
        await put_many(store, profiles)

    monkeypatch.setattr(GraphUserStore, "put_many", put_meanwhile)
