"""Follow notifications: at most one a day, one for each edge, and none about a deleted follower."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from temporalio.testing import ActivityEnvironment

from activities.notifications.notifications import NotificationActivities, StoredNotifications
from adapters.mongo.notifications.notifications import NotificationStore, WriteResult
from adapters.neo4j.social.pending_follows import LIST_PENDING
from adapters.resources import Resources
from domain.journal.occurrences import Occurrence, OccurrenceType
from domain.notifications.notifications import FOLLOW_COOLDOWN, REDACTED_TEXT, NewNotification
from tests.support.accounts import make_account
from tests.support.graph import graph_users
from tests.support.occurrences import occurrences_of
from tests.support.people import SignedIn

NOW = datetime.now(UTC)
CELEBRITY = """
MATCH (u:User {user_id: $id}) UNWIND range(1, 3000) AS n
CREATE (:Fan)-[:FOLLOWING {from_id: toString(n), to_id: $id, created_at: n}]->(u)
"""


@pytest.fixture
def activities(resources: Resources) -> NotificationActivities:
    return NotificationActivities(
        resources.notifications.notifications,
        resources.users.users,
        resources.social.pending_follows,
        resources.notifications.publisher,
    )


@pytest.fixture
async def follower(resources: Resources) -> SignedIn:
    return await make_account(resources)


async def follow(resources: Resources, by: SignedIn, whom: SignedIn, at: datetime = NOW) -> None:
    """Write the edge with its intent; wake no workflow."""
    await resources.social.follows.follow(*await graph_users(resources, by, whom), at)


async def messages_of(resources: Resources, someone: SignedIn) -> list[str]:
    found = resources.clients.database["notifications"].find({"user_id": ObjectId(someone.user["_id"])}).sort("seq")
    return [document["message"] async for document in found]


async def owed(resources: Resources, someone: SignedIn) -> int:
    return len(await resources.social.pending_follows.list_pending(someone.user["_id"], limit=1_000))


async def carry_out(
    environment: ActivityEnvironment, activities: NotificationActivities, someone: SignedIn
) -> StoredNotifications:
    stored: StoredNotifications = await environment.run(activities.store_follows, someone.user["_id"])
    await environment.run(activities.close_follows, someone.user["_id"])
    return stored


async def long_ago(resources: Resources, someone: SignedIn) -> None:
    """Set the time of all earlier notifications of the user to more than a day ago."""
    mine = {"user_id": ObjectId(someone.user["_id"])}
    then = {"$set": {"createdAt": datetime.now(UTC) - FOLLOW_COOLDOWN - timedelta(seconds=1)}}
    await resources.clients.database["notifications"].update_many(mine, then)


async def test_new_follower_is_notified_and_no_intent_is_left(
    environment: ActivityEnvironment,
    activities: NotificationActivities,
    resources: Resources,
    someone: SignedIn,
    follower: SignedIn,
) -> None:
    await follow(resources, follower, someone)

    stored = await carry_out(environment, activities, someone)

    assert (stored.last_seq, stored.is_full) == (1, False)
    assert await messages_of(resources, someone) == [f"{follower.person.username} just followed you"]
    assert await owed(resources, someone) == 0


async def test_crash_before_the_edge_is_closed_notifies_only_once(
    environment: ActivityEnvironment,
    activities: NotificationActivities,
    resources: Resources,
    someone: SignedIn,
    follower: SignedIn,
) -> None:
    await follow(resources, follower, someone)
    await environment.run(activities.store_follows, someone.user["_id"])
    await long_ago(resources, someone)

    again = await carry_out(environment, activities, someone)

    assert again.last_seq == 1
    assert len(await messages_of(resources, someone)) == 1
    assert await owed(resources, someone) == 0


@pytest.mark.parametrize(("is_long_ago", "times"), [(False, 1), (True, 2)])
async def test_second_follow_is_notified_after_a_day(
    environment: ActivityEnvironment,
    activities: NotificationActivities,
    resources: Resources,
    someone: SignedIn,
    follower: SignedIn,
    is_long_ago: bool,
    times: int,
) -> None:
    await follow(resources, follower, someone)
    await carry_out(environment, activities, someone)
    await resources.social.follows.unfollow(follower.user["_id"], someone.user["_id"])
    if is_long_ago:
        await long_ago(resources, someone)

    await follow(resources, follower, someone, NOW + timedelta(milliseconds=1))
    await carry_out(environment, activities, someone)

    assert len(await messages_of(resources, someone)) == times
    assert await owed(resources, someone) == 0


async def test_unfollowed_follow_is_not_notified(
    environment: ActivityEnvironment,
    activities: NotificationActivities,
    resources: Resources,
    someone: SignedIn,
    follower: SignedIn,
) -> None:
    await follow(resources, follower, someone)
    await resources.social.follows.unfollow(follower.user["_id"], someone.user["_id"])

    assert (await carry_out(environment, activities, someone)).last_seq == 0


async def test_follower_blocked_during_the_write_is_not_shown(
    environment: ActivityEnvironment,
    activities: NotificationActivities,
    resources: Resources,
    someone: SignedIn,
    follower: SignedIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await follow(resources, follower, someone)
    write = NotificationStore.write

    async def write_after_a_block(
        store: NotificationStore,
        user_id: str,
        news: Sequence[NewNotification],
        now: datetime,
        occurrences: Sequence[Occurrence],
    ) -> WriteResult:
        await resources.social.blocks.block(*await graph_users(resources, someone, follower), NOW)
        return await write(store, user_id, news, now, occurrences)

    monkeypatch.setattr(NotificationStore, "write", write_after_a_block)

    await carry_out(environment, activities, someone)

    assert await messages_of(resources, someone) == [REDACTED_TEXT]


async def test_deleted_follower_is_not_notified_and_leaves_no_intent(
    environment: ActivityEnvironment,
    activities: NotificationActivities,
    resources: Resources,
    someone: SignedIn,
    follower: SignedIn,
) -> None:
    await follow(resources, follower, someone)
    await resources.clients.database["users"].delete_one({"_id": ObjectId(follower.user["_id"])})

    assert (await carry_out(environment, activities, someone)).last_seq == 0
    assert await owed(resources, someone) == 0


async def test_more_followers_than_a_batch_are_all_notified_once(
    environment: ActivityEnvironment,
    activities: NotificationActivities,
    resources: Resources,
    someone: SignedIn,
    follower: SignedIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("activities.notifications.notifications.MAX_BATCH", 3)
    people = [follower, *await asyncio.gather(*(make_account(resources) for _ in range(4)))]
    for number, each in enumerate(people):
        await follow(resources, each, someone, NOW + timedelta(milliseconds=number))

    stored = [await carry_out(environment, activities, someone) for _ in range(2)]

    assert [(each.last_seq, each.is_full) for each in stored] == [(3, True), (5, False)]
    assert await messages_of(resources, someone) == [f"{each.person.username} just followed you" for each in people]


async def test_users_with_open_intents_are_ordered_by_their_oldest(
    resources: Resources, someone: SignedIn, follower: SignedIn
) -> None:
    before = datetime(2001, 1, 1, tzinfo=UTC)
    await follow(resources, follower, someone, before - timedelta(milliseconds=1))
    await follow(resources, someone, follower, before)

    found = await resources.social.pending_follows.list_pending_users(before=before, limit=10)

    assert someone.user["_id"] in found
    assert follower.user["_id"] not in found


@pytest.mark.defect(105)
async def test_pending_follows_of_a_famous_user_are_found_by_open_edges_alone(
    resources: Resources, someone: SignedIn, follower: SignedIn
) -> None:
    await follow(resources, follower, someone)
    await resources.clients.neo4j.execute_query(CELEBRITY, id=someone.user["_id"])

    hits = await db_hits(resources, someone)

    assert hits < 50


async def db_hits(resources: Resources, someone: SignedIn) -> int:
    result = await resources.clients.neo4j.execute_query(
        f"PROFILE {LIST_PENDING}", user_id=someone.user["_id"], limit=100
    )
    assert result.summary.profile
    return total(result.summary.profile)


def total(plan: dict[str, object]) -> int:
    children = plan.get("children", [])
    assert isinstance(children, list)
    return int(str(plan["dbHits"])) + sum(map(total, children))


async def test_follow_that_is_carried_out_twice_is_told_once_in_the_journal(
    environment: ActivityEnvironment,
    activities: NotificationActivities,
    resources: Resources,
    someone: SignedIn,
    follower: SignedIn,
) -> None:
    await follow(resources, follower, someone)

    await environment.run(activities.store_follows, someone.user["_id"])
    await carry_out(environment, activities, someone)

    followed = OccurrenceType.FOLLOW_CREATED
    assert await occurrences_of(resources, someone.user["_id"], followed) == [(followed, {})]
