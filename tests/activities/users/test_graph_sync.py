"""Bringing a profile into the graph: one node, never an older profile over a newer, the intent closed last."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId
from temporalio.testing import ActivityEnvironment

from activities.users.graph_sync import GraphSyncActivities, SyncedProfile
from adapters.mongo.users.users import UnreadableAccount
from adapters.resources import Resources
from domain.users.users import GraphUser, Role
from tests.support.accounts import make_account
from tests.support.people import SignedIn, new_person


@pytest.fixture
def activities(resources: Resources) -> GraphSyncActivities:
    return GraphSyncActivities(resources.users.users, resources.users.nodes)


@pytest.fixture
async def someone(resources: Resources) -> SignedIn:
    """A person whom the graph does not know yet."""
    return await make_account(resources, is_in_graph=False)


@pytest.fixture
def profile(resources: Resources) -> GraphUser:
    """A profile without an account."""
    name = new_person().username
    return GraphUser(resources.hashes.new_object_id(), name, name, Role.USER, None, True, profile_version=3)


async def nodes(resources: Resources, user_id: str) -> list[dict[str, Any]]:
    found = await resources.clients.neo4j.execute_query(
        "MATCH (u:User {user_id: $id}) RETURN properties(u) AS node", id=user_id
    )
    return [record["node"] for record in found.records]


async def account(resources: Resources, user_id: str) -> dict[str, Any]:
    document = await resources.clients.database["users"].find_one({"_id": ObjectId(user_id)})
    assert document is not None
    return document


async def change(resources: Resources, user_id: str) -> None:
    """A write with intent, as routes do it."""
    step = {"$inc": {"profile_version": 1}, "$set": {"sync_open_since": datetime.now(UTC), "display_name": "Changed"}}
    await resources.clients.database["users"].update_one({"_id": ObjectId(user_id)}, step)


async def test_projecting_twice_is_one_node_as_the_account_is(
    environment: ActivityEnvironment, activities: GraphSyncActivities, resources: Resources, someone: SignedIn
) -> None:
    user_id = someone.user["_id"]

    answers = [await environment.run(activities.project, user_id) for _ in range(2)]

    assert answers == [SyncedProfile(user_id, 1)] * 2
    assert await nodes(resources, user_id) == [
        {
            "user_id": user_id,
            "username": someone.person.username,
            "display_name": someone.person.username,
            "role": "user",
            "is_active": True,
            "profile_version": 1,
        }
    ]


async def test_no_address_comes_into_the_graph(
    environment: ActivityEnvironment, activities: GraphSyncActivities, resources: Resources, someone: SignedIn
) -> None:
    await environment.run(activities.project, someone.user["_id"])

    assert someone.person.email not in str(await nodes(resources, someone.user["_id"]))


@pytest.mark.defect(24)
@pytest.mark.parametrize("text", ["'}) DETACH DELETE u //", "`; MATCH (n) DELETE n", "\\u0027 OR 1=1", "${id}"])
async def test_text_of_a_profile_is_no_cypher(resources: Resources, profile: GraphUser, text: str) -> None:
    await resources.users.nodes.put(replace(profile, display_name=text))

    assert [node["display_name"] for node in await nodes(resources, profile.user_id)] == [text]


async def test_projecting_an_unknown_account_does_nothing(
    environment: ActivityEnvironment, activities: GraphSyncActivities, resources: Resources
) -> None:
    unknown_id = resources.hashes.new_object_id()

    assert await environment.run(activities.project, unknown_id) is None
    assert await nodes(resources, unknown_id) == []


async def test_changed_account_is_projected_as_it_is_now(
    environment: ActivityEnvironment, activities: GraphSyncActivities, resources: Resources, someone: SignedIn
) -> None:
    await environment.run(activities.project, someone.user["_id"])
    await change(resources, someone.user["_id"])

    await environment.run(activities.project, someone.user["_id"])

    (node,) = await nodes(resources, someone.user["_id"])
    assert (node["display_name"], node["profile_version"]) == ("Changed", 2)


@pytest.mark.defect(48)
async def test_older_profile_never_overwrites_a_newer_one(resources: Resources, profile: GraphUser) -> None:
    await resources.users.nodes.put(profile)

    await resources.users.nodes.put(replace(profile, display_name="Old", profile_version=2))

    (node,) = await nodes(resources, profile.user_id)
    assert (node["display_name"], node["profile_version"]) == (profile.username, 3)


async def test_picture_that_was_taken_away_leaves_the_node(resources: Resources, profile: GraphUser) -> None:
    await resources.users.nodes.put(replace(profile, avatar_ipfs_hash="Qm"))

    await resources.users.nodes.put(replace(profile, avatar_ipfs_hash=None, profile_version=4))

    (node,) = await nodes(resources, profile.user_id)
    assert "avatar_ipfs_hash" not in node


async def test_node_made_on_demand_is_filled_in(resources: Resources, profile: GraphUser) -> None:
    await resources.clients.neo4j.execute_query("CREATE (:User {user_id: $id})", id=profile.user_id)

    await resources.users.nodes.put(profile)

    (node,) = await nodes(resources, profile.user_id)
    assert node["username"] == profile.username


@pytest.mark.defect(50)
async def test_parallel_puts_make_one_node_of_the_newest_version(resources: Resources, profile: GraphUser) -> None:
    shuffled = [number * 37 % 50 for number in range(50)]
    versions = [replace(profile, profile_version=version) for version in shuffled * 2]
    # A hundred new connections at once take a busy machine longer than a caller waits for one.
    connections = asyncio.Semaphore(25)

    async def put(version: GraphUser) -> None:
        async with connections:
            await resources.users.nodes.put(version)

    await asyncio.gather(*map(put, versions))

    (node,) = await nodes(resources, profile.user_id)
    assert node["profile_version"] == 49


async def test_edges_outlive_a_new_profile(resources: Resources, profile: GraphUser) -> None:
    await resources.users.nodes.put(profile)
    await resources.clients.neo4j.execute_query(
        "MATCH (u:User {user_id: $id}) CREATE (u)-[:FOLLOWING]->(:Unknown)", id=profile.user_id
    )

    await resources.users.nodes.put(replace(profile, profile_version=4))

    assert (await resources.social.relationships.count_edges(profile.user_id)).following == 1


async def test_intent_is_closed_for_the_version_that_was_written(
    environment: ActivityEnvironment, activities: GraphSyncActivities, resources: Resources, someone: SignedIn
) -> None:
    synced = SyncedProfile(someone.user["_id"], 1)

    answers = [await environment.run(activities.mark_synced, synced) for _ in range(2)]

    document = await account(resources, someone.user["_id"])
    assert answers == [True, True]
    assert "sync_open_since" not in document
    assert document["synced_version"] == 1


async def test_intent_of_an_account_that_changed_meanwhile_stays_open(
    environment: ActivityEnvironment, activities: GraphSyncActivities, resources: Resources, someone: SignedIn
) -> None:
    await change(resources, someone.user["_id"])

    closed = await environment.run(activities.mark_synced, SyncedProfile(someone.user["_id"], 1))

    document = await account(resources, someone.user["_id"])
    assert closed is False
    assert "sync_open_since" in document
    assert document["synced_version"] == 0


async def test_account_of_wrong_types_is_not_written(
    environment: ActivityEnvironment, activities: GraphSyncActivities, resources: Resources, someone: SignedIn
) -> None:
    user_id, users = someone.user["_id"], resources.clients.database["users"]
    await users.update_one({"_id": ObjectId(user_id)}, {"$set": {"is_active": "yes"}})

    with pytest.raises(UnreadableAccount):
        await environment.run(activities.project, user_id)

    await users.delete_one({"_id": ObjectId(user_id)})
    assert await nodes(resources, user_id) == []
