"""An erased user is removed from the snapshots of others, by id and in bounded batches."""

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest

from activities.social.follower_snapshots import FollowerSnapshotActivities
from adapters.mongo.social.snapshot_mentions import SnapshotMentions
from adapters.resources import Resources
from tests.activities.social.test_follower_snapshots import FIRST, SECOND, lists, taken
from tests.support.id_ranges import IdRange

LEAVER, OTHERS = 1, (2, 3, 4)
PAUSED = """
MATCH (a:User {user_id: $a})-[f:FOLLOWING]->(b:User)
CREATE (a)-[p:FOLLOWING_PAUSED]->(b) SET p = properties(f) DELETE f
"""


@pytest.fixture
def activities(resources: Resources) -> FollowerSnapshotActivities:
    return FollowerSnapshotActivities(
        resources.social.followers, resources.social.snapshots, resources.social.snapshot_mentions
    )


@pytest.fixture
def traces(resources: Resources) -> SnapshotMentions:
    return resources.social.snapshot_mentions


@pytest.fixture
async def island(resources: Resources) -> AsyncIterator[IdRange]:
    """Four users; 1 follows the three others."""
    island = IdRange(resources)
    await resources.operations.projected_nodes.prepare()
    await island.create_accounts(4)
    await island.project(1, 2, 3, 4)
    for other in OTHERS:
        await island.follow(LEAVER, other)
    yield island
    await island.remove_all()


async def mentions(island: IdRange, *days: date) -> int:
    """Count how often the leaver is in a list of another user."""
    found = [await lists(island, other, day) for other in OTHERS for day in days]
    return sum(kind.count(island.id(LEAVER)) for kinds in found for kind in kinds)


async def test_erased_user_is_removed_from_changes_and_whole_lists(
    activities: FollowerSnapshotActivities, traces: SnapshotMentions, island: IdRange
) -> None:
    await taken(activities, island)
    for other in OTHERS:
        await island.unfollow(LEAVER, other)
    await taken(activities, island, SECOND)
    assert await mentions(island, FIRST, SECOND) == 6

    batches = [await traces.erase(island.id(LEAVER), limit=2) for _ in range(3)]

    assert batches == [2, 1, 0]
    assert await mentions(island, FIRST, SECOND) == 0


async def test_erased_current_follower_is_removed_from_whole_lists(
    activities: FollowerSnapshotActivities, island: IdRange, resources: Resources
) -> None:
    await taken(activities, island)
    await resources.clients.neo4j.execute_query(PAUSED, a=island.id(LEAVER))
    node, traces = resources.accounts.personal_node, resources.social.snapshot_mentions

    followed = await node.list_followees(island.id(LEAVER), limit=10)
    await traces.remove_from_lists(island.id(LEAVER), user_ids=followed)
    await node.erase_follows(island.id(LEAVER), followed)

    assert sorted(followed) == [island.id(other) for other in OTHERS]
    assert await mentions(island, FIRST) == 0
    assert await node.list_followees(island.id(LEAVER), limit=10) == []


async def test_list_without_its_erased_goes_on(
    activities: FollowerSnapshotActivities, traces: SnapshotMentions, island: IdRange
) -> None:
    await taken(activities, island)
    await island.unfollow(LEAVER, 2)
    await taken(activities, island, SECOND)
    await traces.erase(island.id(LEAVER), limit=100)
    await island.follow(3, 2)

    await taken(activities, island, SECOND + timedelta(days=1))

    assert await lists(island, 2, SECOND + timedelta(days=1)) == ([island.id(3)], [], [])
    assert await mentions(island, SECOND + timedelta(days=1)) == 0
