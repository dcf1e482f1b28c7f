"""Snapshots of an account with many followers: in chunks, slice by slice; a day counts once it is complete."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest

from activities.social.follower_snapshots import FollowerSnapshotActivities, PagesDone
from adapters.mongo.social.follower_snapshots import FollowerSnapshotStore
from adapters.resources import Resources
from domain.social import follower_snapshots as rules
from tests.activities.social.test_follower_snapshots import FIRST, SECOND, THIRD, counts, documents, lists, taken
from tests.support.id_ranges import IdRange

CHUNK = 5
FANS = range(2, 24)
STAR = 1


@pytest.fixture
def activities(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> FollowerSnapshotActivities:
    monkeypatch.setattr(rules, "MAX_IDS_PER_SLICE", CHUNK)
    return FollowerSnapshotActivities(
        resources.social.followers, resources.social.snapshots, resources.social.snapshot_mentions
    )


@pytest.fixture
async def island(resources: Resources) -> AsyncIterator[IdRange]:
    """Twenty-two follow 1: more than four chunks."""
    island = IdRange(resources)
    await resources.operations.projected_nodes.prepare()
    await island.create_accounts(30)
    await island.project(*range(1, 31))
    for fan in FANS:
        await island.follow(fan, STAR)
    yield island
    await island.remove_all()


async def sizes(island: IdRange) -> list[int]:
    """How many ids are in each chunk of the first day's whole list."""
    return [len(row.get("full", [])) for row in await documents(island, STAR)]


def ids(island: IdRange, numbers: Sequence[int]) -> list[str]:
    return [island.id(number) for number in numbers]


@pytest.mark.defect(105)
async def test_whole_list_is_kept_in_chunks(activities: FollowerSnapshotActivities, island: IdRange) -> None:
    page = await taken(activities, island)

    assert page == PagesDone(1, island.id(STAR))
    assert await counts(island, STAR, FIRST) == (22, 0, 0)
    assert await sizes(island) == [0, 5, 5, 5, 5, 2]
    assert await lists(island, STAR, FIRST) == ([], [], ids(island, FANS))


async def test_differences_are_found_in_every_slice(activities: FollowerSnapshotActivities, island: IdRange) -> None:
    await taken(activities, island)
    await island.unfollow(2, STAR)
    await island.unfollow(12, STAR)
    await island.follow(25, STAR)
    await taken(activities, island, SECOND)
    await island.follow(2, STAR)
    await island.unfollow(23, STAR)

    await taken(activities, island, THIRD)

    assert await lists(island, STAR, SECOND) == (ids(island, [25]), ids(island, [2, 12]), [])
    assert await lists(island, STAR, THIRD) == (ids(island, [2]), ids(island, [23]), [])
    assert await counts(island, STAR, THIRD) == (21, 1, 1)


async def test_fame_that_comes_is_a_difference(activities: FollowerSnapshotActivities, island: IdRange) -> None:
    for fan in FANS:
        await island.unfollow(fan, STAR)
    await taken(activities, island)
    for fan in FANS:
        await island.follow(fan, STAR)

    await taken(activities, island, SECOND)

    assert await lists(island, STAR, SECOND) == (ids(island, FANS), [], [])


async def test_fame_that_goes_is_a_difference(activities: FollowerSnapshotActivities, island: IdRange) -> None:
    await taken(activities, island)
    for fan in FANS[1:]:
        await island.unfollow(fan, STAR)

    await taken(activities, island, SECOND)

    assert await lists(island, STAR, SECOND) == ([], ids(island, FANS[1:]), [])
    assert await counts(island, STAR, SECOND) == (1, 0, 21)
    assert max(len(row.get("left", [])) for row in await documents(island, STAR, SECOND)) <= CHUNK


async def test_day_cut_off_before_its_last_write_does_not_count(
    activities: FollowerSnapshotActivities, island: IdRange, monkeypatch: pytest.MonkeyPatch
) -> None:
    await taken(activities, island)
    await island.follow(25, STAR)
    with monkeypatch.context() as patch:
        patch.setattr(FollowerSnapshotStore, "finish", dies)
        with pytest.raises(RuntimeError):
            await taken(activities, island, SECOND)
    await island.unfollow(25, STAR)
    await island.follow(26, STAR)

    await taken(activities, island, THIRD)

    assert await island.resources.social.snapshots.find_taken([island.id(STAR)], SECOND) == set()
    assert await lists(island, STAR, THIRD) == (ids(island, [26]), [], [])


async def test_next_try_takes_the_place_of_the_one_cut_off(
    activities: FollowerSnapshotActivities, island: IdRange, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(FollowerSnapshotStore, "finish", dies)
        with pytest.raises(RuntimeError):
            await taken(activities, island)
    for fan in FANS[10:]:
        await island.unfollow(fan, STAR)

    await taken(activities, island)
    await island.follow(12, STAR)
    await taken(activities, island, SECOND)

    assert await counts(island, STAR, FIRST) == (10, 0, 0)
    assert await lists(island, STAR, SECOND) == (ids(island, [12]), [], [])


async def test_many_changes_bring_the_whole_list_early(
    activities: FollowerSnapshotActivities, island: IdRange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MAX_CHANGES_SINCE_FULL", 3)
    await taken(activities, island)
    for fan in FANS[:4]:
        await island.unfollow(fan, STAR)

    await taken(activities, island, SECOND)
    await taken(activities, island, THIRD)
    await taken(activities, island, THIRD + timedelta(days=1))

    assert await lists(island, STAR, SECOND) == ([], ids(island, FANS[:4]), [])
    assert await lists(island, STAR, THIRD) == ([], [], ids(island, FANS[4:]))
    assert await lists(island, STAR, THIRD + timedelta(days=1)) == ([], [], [])


async def dies(*_: object, **__: object) -> None:
    raise RuntimeError
