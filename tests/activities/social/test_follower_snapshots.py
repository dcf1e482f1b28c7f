"""Snapshots of followers: changes from day to day, whole lists in between, one a day for each account."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from temporalio.testing import ActivityEnvironment

from activities.social import follower_snapshots
from activities.social.follower_snapshots import FollowerSnapshotActivities, PagesDone, SnapshotPage
from adapters.mongo.social.follower_snapshots import FollowerSnapshotStore
from adapters.resources import Resources
from domain.social.follower_snapshots import FULL_SNAPSHOT_INTERVAL
from tests.support.id_ranges import IdRange

FIRST = date(2026, 3, 1)
AT = datetime(2026, 3, 1, 2, tzinfo=UTC)
A_DAY = timedelta(days=1)
SECOND, THIRD = FIRST + A_DAY, FIRST + 2 * A_DAY


@pytest.fixture
def activities(resources: Resources) -> FollowerSnapshotActivities:
    return FollowerSnapshotActivities(
        resources.social.followers, resources.social.snapshots, resources.social.snapshot_mentions
    )


@pytest.fixture
async def island(resources: Resources) -> AsyncIterator[IdRange]:
    """Four users; 2 and 3 follow 1, and 1 follows 2."""
    island = IdRange(resources)
    await resources.operations.projected_nodes.prepare()
    await island.create_accounts(4)
    await island.project(1, 2, 3, 4)
    await island.follow(2, 1)
    await island.follow(3, 1)
    await island.follow(1, 2)
    yield island
    await island.remove_all()


async def taken(
    activities: FollowerSnapshotActivities, island: IdRange, day: date = FIRST, *, after: int = 0
) -> PagesDone:
    return await ActivityEnvironment().run(
        activities.snapshot_pages, SnapshotPage(day.isoformat(), AT, island.id(after))
    )


async def documents(island: IdRange, number: int, day: date = FIRST) -> list[dict[str, Any]]:
    """A user's day as it is stored."""
    at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    which = {"user_id": ObjectId(island.id(number)), "day": at}
    return await island.resources.clients.database["follower_snapshots"].find(which).sort("chunk", 1).to_list()


async def lists(island: IdRange, number: int, day: date) -> tuple[list[str], list[str], list[str]]:
    """Return the gained and the lost followers, and the whole list."""
    found = await documents(island, number, day)
    came, left, full = ([str(each) for row in found for each in row.get(kind, [])] for kind in ("came", "left", "full"))
    return came, left, full


async def counts(island: IdRange, number: int, day: date) -> tuple[int, int, int]:
    """Number of followers, gained, lost."""
    (row, *_) = await documents(island, number, day)
    return row["followers_number"], row["gained"], row["lost"]


async def test_first_day_is_the_whole_list(activities: FollowerSnapshotActivities, island: IdRange) -> None:
    page = await taken(activities, island)

    assert page == PagesDone(4, None)
    assert await counts(island, 1, FIRST) == (2, 0, 0)
    assert await lists(island, 1, FIRST) == ([], [], [island.id(2), island.id(3)])
    assert await counts(island, 4, FIRST) == (0, 0, 0)


async def test_day_without_a_change_keeps_a_number(activities: FollowerSnapshotActivities, island: IdRange) -> None:
    await taken(activities, island)

    await taken(activities, island, SECOND)

    assert await counts(island, 1, SECOND) == (2, 0, 0)
    assert await lists(island, 1, SECOND) == ([], [], [])


async def test_next_days_are_differences(activities: FollowerSnapshotActivities, island: IdRange) -> None:
    await taken(activities, island)
    await island.follow(4, 1)
    await island.unfollow(2, 1)
    await taken(activities, island, SECOND)
    await island.follow(2, 1)
    await island.unfollow(3, 1)

    await taken(activities, island, THIRD)

    assert await lists(island, 1, SECOND) == ([island.id(4)], [island.id(2)], [])
    assert await lists(island, 1, THIRD) == ([island.id(2)], [island.id(3)], [])
    assert await counts(island, 1, THIRD) == (2, 1, 1)


async def test_missed_days_are_one_difference(activities: FollowerSnapshotActivities, island: IdRange) -> None:
    await taken(activities, island)
    await island.follow(4, 1)

    await taken(activities, island, FIRST + 5 * A_DAY)

    assert await lists(island, 1, FIRST + 5 * A_DAY) == ([island.id(4)], [], [])


async def test_every_thirty_days_the_list_is_whole_again(
    activities: FollowerSnapshotActivities, island: IdRange
) -> None:
    await taken(activities, island)
    await island.follow(4, 1)
    await taken(activities, island, SECOND)
    await island.unfollow(2, 1)

    await taken(activities, island, FIRST + FULL_SNAPSHOT_INTERVAL)

    assert await lists(island, 1, FIRST + FULL_SNAPSHOT_INTERVAL) == ([], [island.id(2)], [island.id(3), island.id(4)])


async def test_differences_go_on_from_the_newest_whole_list(
    activities: FollowerSnapshotActivities, island: IdRange
) -> None:
    await taken(activities, island)
    await taken(activities, island, FIRST + FULL_SNAPSHOT_INTERVAL)
    await island.resources.clients.database["follower_snapshots"].delete_many(
        {"user_id": ObjectId(island.id(1)), "day": {"$lte": AT}}
    )
    await island.follow(4, 1)

    await taken(activities, island, FIRST + FULL_SNAPSHOT_INTERVAL + A_DAY)

    assert await lists(island, 1, FIRST + FULL_SNAPSHOT_INTERVAL + A_DAY) == ([island.id(4)], [], [])


@pytest.mark.defect(68)
async def test_day_taken_twice_is_as_it_was(activities: FollowerSnapshotActivities, island: IdRange) -> None:
    await taken(activities, island)
    before = await documents(island, 1)
    await island.follow(4, 1)

    again = await taken(activities, island)

    assert again == PagesDone(0, None)
    assert await documents(island, 1) == before


async def test_two_concurrent_snapshots_of_a_day_are_one(
    activities: FollowerSnapshotActivities, island: IdRange, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_followers = frozenset[str]()

    async def overlooks(*_: object) -> frozenset[str]:
        return no_followers

    await taken(activities, island)
    before = await documents(island, 1)
    monkeypatch.setattr(FollowerSnapshotStore, "find_taken", overlooks)

    await taken(activities, island)

    assert await documents(island, 1) == before


async def test_deactivated_user_has_no_day(activities: FollowerSnapshotActivities, island: IdRange) -> None:
    await island.node(island.id(1), is_active=False)

    page = await taken(activities, island)

    assert page == PagesDone(3, None)
    assert await documents(island, 1) == []


async def test_paused_edges_do_not_count(activities: FollowerSnapshotActivities, island: IdRange) -> None:
    await taken(activities, island)
    await island.resources.social.follows.pause(island.id(2), limit=10)

    await taken(activities, island, SECOND)

    assert await lists(island, 1, SECOND) == ([], [island.id(2)], [])


async def test_pages_follow_one_another(
    activities: FollowerSnapshotActivities, island: IdRange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower_snapshots, "USERS_PER_PAGE", 3)
    monkeypatch.setattr(follower_snapshots, "MAX_PAGES_PER_ATTEMPT", 1)

    first = await taken(activities, island)
    second = await taken(activities, island, after=3)

    assert first == PagesDone(3, island.id(3))
    assert second == PagesDone(1, None)


@pytest.mark.defect(69)
@pytest.mark.parametrize(
    "corrupt",
    [
        pytest.param({"came": "garbage"}, id="list that is none"),
        pytest.param({"full": ["garbage"]}, id="id that is none"),
        pytest.param({"full_day": None}, id="day that is none"),
        pytest.param({"changes": "many"}, id="number that is none"),
    ],
)
async def test_corrupt_earlier_day_is_reported_and_does_not_stop_the_others(
    activities: FollowerSnapshotActivities, island: IdRange, corrupt: dict[str, Any]
) -> None:
    await taken(activities, island)
    await island.resources.clients.database["follower_snapshots"].update_one(
        {"user_id": ObjectId(island.id(1))}, {"$set": corrupt}
    )
    await island.follow(4, 1)
    await island.follow(4, 2)

    page = await taken(activities, island, SECOND)

    assert page == PagesDone(3, None, (island.id(1),))
    assert await documents(island, 1, SECOND) == []
    assert await lists(island, 2, SECOND) == ([island.id(4)], [], [])


@pytest.mark.parametrize("follower_id", [None, "garbage", 7], ids=["missing", "no id", "no text"])
async def test_corrupt_edge_is_reported_and_does_not_stop_the_others(
    activities: FollowerSnapshotActivities, island: IdRange, follower_id: object
) -> None:
    statement = "MATCH (:User {user_id: $a})-[f:FOLLOWING]->(:User {user_id: $b}) SET f.from_id = $follower_id"
    await island.resources.clients.neo4j.execute_query(
        statement, a=island.id(2), b=island.id(1), follower_id=follower_id
    )

    page = await taken(activities, island)

    assert page == PagesDone(3, None, (island.id(1),))


async def test_node_with_an_invalid_id_is_reported_and_does_not_stop_the_others(
    activities: FollowerSnapshotActivities, island: IdRange
) -> None:
    await island.node(island.prefix + "garbage")

    assert await taken(activities, island) == PagesDone(4, None, (island.prefix + "garbage",))


async def test_erased_user_is_removed_from_the_lost_followers(
    activities: FollowerSnapshotActivities, island: IdRange
) -> None:
    """As if no snapshot had been taken since before they unfollowed."""
    await taken(activities, island)
    await island.unfollow(2, 1)
    await island.resources.clients.database["tombstones"].insert_one(
        {"_id": ObjectId(island.id(2)), "deletion_key": island.id(2)}
    )

    await taken(activities, island, SECOND)

    assert await counts(island, 1, SECOND) == (1, 0, 1)
    assert await lists(island, 1, SECOND) == ([], [], [])
    assert await lists(island, 1, FIRST) == ([], [], [island.id(3)])
