"""Following, unfollowing and removing followers: one edge with one intent, however often it is requested."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import httpx
import pytest

from adapters.resources import Resources
from tests.api.conftest import ChangeUser
from tests.support.envelope import data, fields, refusal
from tests.support.graph import edges, graph_users, kinds, project
from tests.support.people import SignedIn
from tests.support.relationships import FOLLOW, block, follow, remove_follower, unfollow

NOT_FOUND = (404, "UserNotFound")

Action = Callable[[httpx.AsyncClient, SignedIn, SignedIn], Awaitable[httpx.Response]]


async def test_follow_writes_the_edge(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn
) -> None:
    before = time.time_ns() // 1_000_000

    answer = data(await follow(api, someone, other))

    assert answer == {"following": True, "changed": True}
    ((kind, facts),) = await edges(resources, someone, other)
    assert kind == "FOLLOWING"
    assert (facts["from_id"], facts["to_id"]) == (someone.user["_id"], other.user["_id"])
    assert before <= facts["created_at"] <= time.time_ns() // 1_000_000


async def test_edge_is_written_with_its_intent(resources: Resources, someone: SignedIn, other: SignedIn) -> None:
    """The same statement writes both: the followed user is notified even if the request fails afterwards."""
    await resources.social.follows.follow(*await graph_users(resources, someone, other), datetime.fromtimestamp(7, UTC))

    ((_, facts),) = await edges(resources, someone, other)
    ids = {"from_id": someone.user["_id"], "to_id": other.user["_id"]}
    assert facts == {**ids, "created_at": 7_000, "notify_open": 7_000}


async def test_following_again_changes_nothing(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn
) -> None:
    await follow(api, someone, other)
    ((_, before),) = await edges(resources, someone, other)

    again = data(await follow(api, someone, other))

    assert again == {"following": True, "changed": False}
    ((_, after),) = await edges(resources, someone, other)
    assert after["created_at"] == before["created_at"]


@pytest.mark.defect(51)
async def test_two_hundred_parallel_follows_are_one_edge(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn
) -> None:
    answers = await asyncio.gather(*(follow(api, someone, other) for _ in range(200)))

    assert sorted(data(each)["changed"] for each in answers) == [False] * 199 + [True]
    assert len(await edges(resources, someone, other)) == 1


async def test_hundred_concurrent_mutual_follows_all_succeed(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn
) -> None:
    """Both nodes are locked in one order: no deadlock, and no request is refused."""
    pairs = [(someone, other), (other, someone)] * 50

    answers = await asyncio.gather(*(follow(api, *pair) for pair in pairs))

    assert sum(data(each)["changed"] for each in answers) == 2


async def test_accounts_not_yet_in_the_graph_can_follow_and_be_followed(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn
) -> None:
    """Neither is in the graph yet; GraphSync finds the nodes that the follow created and sets their names."""
    data(await follow(api, someone, other))

    await project(resources, someone, other)

    assert await kinds(resources, someone, other) == ["FOLLOWING"]


@pytest.mark.parametrize("action", [follow, unfollow, remove_follower])
async def test_targeting_oneself_is_refused(api: httpx.AsyncClient, someone: SignedIn, action: Action) -> None:
    assert refusal(await action(api, someone, someone)) == (422, "CannotTargetSelf")


async def test_unknown_account_is_not_found_and_not_created(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    unknown_id = resources.hashes.new_object_id()

    response = await api.post(f"{FOLLOW}/following", json={"user_id_to": unknown_id}, headers=someone.bearer)

    assert refusal(response) == NOT_FOUND
    found = await resources.clients.neo4j.execute_query("MATCH (u:User {user_id: $id}) RETURN u", id=unknown_id)
    assert found.records == []


async def test_deactivated_account_is_not_found(
    api: httpx.AsyncClient, someone: SignedIn, other: SignedIn, change_user: ChangeUser
) -> None:
    await change_user(other.user["_id"], {"is_active": False})

    assert refusal(await follow(api, someone, other)) == NOT_FOUND


async def test_account_that_blocks_the_caller_is_not_found(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn
) -> None:
    data(await block(api, other, someone))

    assert refusal(await follow(api, someone, other)) == NOT_FOUND
    assert await kinds(resources, someone, other) == []


async def test_account_blocked_by_the_caller_cannot_be_followed(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn
) -> None:
    data(await block(api, someone, other))

    assert refusal(await follow(api, someone, other)) == (409, "YouBlockThisUser")
    assert await kinds(resources, someone, other) == ["BLOCKED"]


async def test_follow_of_an_account_that_is_back_shows_at_once(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn, change_user: ChangeUser
) -> None:
    """The account is active in MongoDB and still inactive in the graph."""
    await change_user(other.user["_id"], {"is_active": False})
    await project(resources, someone, other)
    await change_user(other.user["_id"], {"is_active": True, "profile_version": 2})

    answers = [data(await follow(api, someone, other))["changed"] for _ in range(2)]

    assert (answers, await kinds(resources, someone, other)) == ([True, False], ["FOLLOWING"])


async def test_follow_of_an_account_deactivated_meanwhile_is_paused(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn, change_user: ChangeUser
) -> None:
    """The graph has the deactivation already, which came after the account was read."""
    await project(resources, someone, other)
    await resources.clients.neo4j.execute_query(
        "MATCH (u:User {user_id: $id}) SET u.is_active = false, u.profile_version = 2", id=other.user["_id"]
    )

    answers = [data(await follow(api, someone, other))["changed"] for _ in range(2)]
    waiting = await kinds(resources, someone, other)
    await change_user(other.user["_id"], {"profile_version": 3})
    await project(resources, other)
    await resources.social.follows.resume(other.user["_id"], limit=10)

    assert (answers, waiting) == ([True, False], ["FOLLOWING_PAUSED"])
    assert await kinds(resources, someone, other) == ["FOLLOWING"]


async def test_unfollow_removes_the_edge_once(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn
) -> None:
    await follow(api, someone, other)
    await follow(api, other, someone)

    answers = [data(await unfollow(api, someone, other)) for _ in range(2)]

    assert answers == [{"changed": True}, {"changed": False}]
    assert await kinds(resources, someone, other) == []
    assert await kinds(resources, other, someone) == ["FOLLOWING"]


async def test_removed_follower_may_follow_again(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn
) -> None:
    await follow(api, other, someone)

    answers = [data(await remove_follower(api, someone, other)) for _ in range(2)]
    again = data(await follow(api, other, someone))

    assert answers == [{"changed": True}, {"changed": False}]
    assert again["changed"] is True


@pytest.mark.parametrize(("action", "left"), [(unfollow, ([], ["FOLLOWING"])), (remove_follower, (["FOLLOWING"], []))])
async def test_paused_edge_is_removed(
    api: httpx.AsyncClient,
    resources: Resources,
    someone: SignedIn,
    other: SignedIn,
    action: Action,
    left: tuple[list[str], list[str]],
) -> None:
    await follow(api, someone, other)
    await follow(api, other, someone)
    await resources.social.follows.pause(other.user["_id"], limit=10)

    assert data(await action(api, someone, other))["changed"] is True

    await resources.social.follows.resume(other.user["_id"], limit=10)
    assert (await kinds(resources, someone, other), await kinds(resources, other, someone)) == left


@pytest.mark.parametrize("way", ["unfollow", "remove-follower"])
async def test_removing_a_missing_edge_changes_nothing(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, way: str
) -> None:
    unknown_id = resources.hashes.new_object_id()

    assert data(await api.delete(f"{FOLLOW}/{way}/{unknown_id}", headers=someone.bearer)) == {"changed": False}


@pytest.mark.parametrize("user_id", ["x", "0" * 23, "G" * 24, "' OR 1=1 //"])
async def test_malformed_id_is_refused(api: httpx.AsyncClient, someone: SignedIn, user_id: str) -> None:
    response = await api.post(f"{FOLLOW}/following", json={"user_id_to": user_id}, headers=someone.bearer)

    assert fields(response) == {"body.user_id_to"}
