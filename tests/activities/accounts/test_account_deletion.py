"""Hiding and restoring the follow edges of one account, and of two accounts deactivated at the same time."""

import pytest
from bson import ObjectId
from temporalio.testing import ActivityEnvironment

from activities.accounts import account_deletion
from activities.accounts.account_deletion import AccountDeletionActivities
from adapters.neo4j.social.relationships import COUNT_EDGES
from adapters.resources import Resources
from domain.social.relationships import EdgeCounts
from tests.support.accounts import make_account
from tests.support.people import SignedIn

FOLLOW = """
MATCH (a:User {user_id: $a}), (b:User {user_id: $b})
CREATE (a)-[:FOLLOWING {from_id: $a, to_id: $b, created_at: 7}]->(b)
"""
PROPERTIES = "MATCH (:User {user_id: $a})-[edge:FOLLOWING]->(:User {user_id: $b}) RETURN properties(edge) AS facts"
CROWD = """
MATCH (u:User {user_id: $id}) UNWIND range(1, 45) AS n
WITH u, left($id, 20) + right('000' + toString(n), 4) AS fan_id
CREATE (:User {user_id: fan_id})-[:FOLLOWING {from_id: fan_id, to_id: $id}]->(u)
"""


@pytest.fixture
def activities(resources: Resources) -> AccountDeletionActivities:
    return AccountDeletionActivities(
        resources.accounts.deletions, resources.users.users, resources.users.nodes, resources.social.follows
    )


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account_deletion, "BATCH_SIZE", 10)
    monkeypatch.setattr(account_deletion, "MAX_BATCHES_PER_ATTEMPT", 3)


@pytest.fixture
async def ann(resources: Resources) -> str:
    return await in_graph(resources, await make_account(resources))


@pytest.fixture
async def bob(resources: Resources) -> str:
    return await in_graph(resources, await make_account(resources))


async def in_graph(resources: Resources, someone: SignedIn) -> str:
    profile = await resources.users.users.find_graph_user(someone.user["_id"])
    assert profile
    await resources.users.nodes.put(profile)
    return profile.user_id


async def set_active(resources: Resources, user_id: str, *, active: bool) -> None:
    """Written directly to the store, without an intent."""
    change = {"$set": {"is_active": active}, "$inc": {"profile_version": 1}}
    await resources.clients.database["users"].update_one({"_id": ObjectId(user_id)}, change)


async def follow(resources: Resources, a: str, b: str) -> None:
    await resources.clients.neo4j.execute_query(FOLLOW, a=a, b=b)


async def counts(resources: Resources, user_id: str) -> EdgeCounts:
    """Run the product's statement without its time-out: a busy machine must not count as an outage."""
    (record,) = (await resources.clients.neo4j.execute_query(COUNT_EDGES, user_ids=[user_id])).records
    return EdgeCounts(*record["counts"][0])


async def test_deactivated_user_is_in_no_count(
    environment: ActivityEnvironment, activities: AccountDeletionActivities, resources: Resources, ann: str, bob: str
) -> None:
    await follow(resources, ann, bob)
    await follow(resources, bob, ann)
    await set_active(resources, ann, active=False)

    assert await environment.run(activities.hide, ann)

    assert await counts(resources, bob) == EdgeCounts(0, 0)


async def test_reactivated_user_has_all_edges_as_they_were(
    environment: ActivityEnvironment, activities: AccountDeletionActivities, resources: Resources, ann: str, bob: str
) -> None:
    await follow(resources, ann, bob)
    await set_active(resources, ann, active=False)
    await environment.run(activities.hide, ann)
    await set_active(resources, ann, active=True)

    assert await environment.run(activities.show, ann)

    records = (await resources.clients.neo4j.execute_query(PROPERTIES, a=ann, b=bob)).records
    assert [record["facts"] for record in records] == [{"from_id": ann, "to_id": bob, "created_at": 7}]


async def test_edge_between_two_deactivated_users_is_back_after_the_later_return(
    environment: ActivityEnvironment, activities: AccountDeletionActivities, resources: Resources, ann: str, bob: str
) -> None:
    await follow(resources, ann, bob)
    for user_id in (ann, bob):
        await set_active(resources, user_id, active=False)
        await environment.run(activities.hide, user_id)
    await set_active(resources, bob, active=True)
    await environment.run(activities.show, bob)
    meanwhile = await counts(resources, bob)
    await set_active(resources, ann, active=True)

    await environment.run(activities.show, ann)

    assert meanwhile == EdgeCounts(0, 0)
    assert await counts(resources, bob) == EdgeCounts(0, 1)


@pytest.mark.usefixtures("small_batches")
async def test_crowd_is_hidden_a_few_batches_at_a_time(
    environment: ActivityEnvironment,
    activities: AccountDeletionActivities,
    resources: Resources,
    ann: str,
) -> None:
    await resources.clients.neo4j.execute_query(CROWD, id=ann)

    tries = [await environment.run(activities.hide, ann) for _ in range(2)]

    assert tries == [False, True]
    assert await counts(resources, ann) == EdgeCounts(0, 0)
