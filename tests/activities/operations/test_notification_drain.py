"""The drains of notifications: many inboxes in one batch, each numbered without a gap, and no one waits for another."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from neo4j.exceptions import ServiceUnavailable
from temporalio.testing import ActivityEnvironment

from activities.notifications.notifications import NotificationActivities
from activities.operations import notification_drain
from activities.operations.notification_drain import NotificationDrainActivities
from adapters.neo4j.social.pending_follows import PendingFollowStore
from adapters.redis.client import open_redis
from adapters.redis.notification_publisher import NotificationPublisher
from adapters.resources import Resources
from domain import intents
from domain.intents import IntentKind, Shard, shard_of
from domain.notifications.notifications import FOLLOW_COOLDOWN, REDACTED_TEXT
from tests.support.accounts import make_account
from tests.support.graph import graph_users
from tests.support.inboxes import (
    break_inbox,
    drains_with,
    during_the_write,
    entity_of_one,
    follow,
    happens,
    inbox,
    make_older,
    owed_events,
    owed_follows,
    repair_inbox,
    told,
)
from tests.support.people import SignedIn

EVENTS = Shard(IntentKind.EVENT_NOTIFICATIONS, 0)
FOLLOWS = Shard(IntentKind.FOLLOW_NOTIFICATIONS, 0)

Drain = Callable[[], Awaitable[Any]]


@pytest.fixture(autouse=True)
def without_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("activities.operations.intent_drain.LINGER_SECONDS", dict.fromkeys(IntentKind, 0))


@pytest.fixture
def activities(resources: Resources) -> NotificationDrainActivities:
    return drains_with(resources, resources.notifications.publisher)


@pytest.fixture
def own_entity(resources: Resources) -> NotificationActivities:
    """What the entity of one user does, which takes over what is set aside."""
    return entity_of_one(resources)


@pytest.fixture
def drain_follows(environment: ActivityEnvironment, activities: NotificationDrainActivities) -> Drain:
    return lambda: environment.run(activities.drain_follows, FOLLOWS)


@pytest.fixture
def drain_events(environment: ActivityEnvironment, activities: NotificationDrainActivities) -> Drain:
    return lambda: environment.run(activities.drain_events, EVENTS)


@pytest.fixture
async def people(resources: Resources) -> list[SignedIn]:
    return [await make_account(resources) for _ in range(4)]


async def test_followers_of_many_are_told_once_and_no_intent_is_left(
    resources: Resources, drain_follows: Drain, people: list[SignedIn]
) -> None:
    ann, bob, cid, dora = people
    for by, whom in ((ann, bob), (cid, bob), (ann, dora)):
        await follow(resources, by, whom)

    await drain_follows()
    await drain_follows()

    assert [await inbox(resources, each) for each in (bob, dora)] == [told(ann, cid), told(ann)]
    assert [await owed_follows(resources, each) for each in (bob, dora)] == [0, 0]


async def test_crash_before_the_edges_are_closed_tells_only_once(
    resources: Resources, drain_follows: Drain, people: list[SignedIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob, *_ = people
    await follow(resources, ann, bob)

    async def away(_store: PendingFollowStore, _follows: Mapping[str, Sequence[Any]]) -> None:
        raise ServiceUnavailable("connection lost")

    with monkeypatch.context() as crash:
        crash.setattr(PendingFollowStore, "close_many", away)
        with pytest.raises(ServiceUnavailable):
            await drain_follows()
    await drain_follows()

    assert await inbox(resources, bob) == told(ann)
    assert await owed_follows(resources, bob) == 0


@pytest.mark.parametrize(("is_long_ago", "times"), [(False, 1), (True, 2)])
async def test_second_follow_is_told_after_a_day(
    resources: Resources, drain_follows: Drain, people: list[SignedIn], is_long_ago: bool, times: int
) -> None:
    ann, bob, *_ = people
    await follow(resources, ann, bob)
    await drain_follows()
    await make_older(resources, bob, by=(FOLLOW_COOLDOWN + timedelta(seconds=1)) * is_long_ago)
    await resources.social.follows.unfollow(ann.user["_id"], bob.user["_id"])

    await follow(resources, ann, bob)
    await drain_follows()

    assert await inbox(resources, bob) == told(*[ann] * times)
    assert await owed_follows(resources, bob) == 0


async def test_follower_who_is_gone_is_not_told_of_and_leaves_no_intent(
    resources: Resources, drain_follows: Drain, people: list[SignedIn]
) -> None:
    ann, bob, cid, _ = people
    await follow(resources, ann, bob)
    await follow(resources, cid, bob)
    await resources.clients.database["users"].delete_one({"_id": ObjectId(ann.user["_id"])})

    await drain_follows()

    assert await inbox(resources, bob) == told(cid)
    assert await owed_follows(resources, bob) == 0


async def test_follower_blocked_during_the_write_is_not_shown(
    resources: Resources, drain_follows: Drain, people: list[SignedIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob, cid, _ = people
    await follow(resources, ann, bob)
    await follow(resources, cid, bob)
    pair = await graph_users(resources, bob, ann)
    during_the_write(monkeypatch, lambda: resources.social.blocks.block(*pair, datetime.now(UTC)))

    await drain_follows()

    assert await inbox(resources, bob) == [(1, REDACTED_TEXT), *told(ann, cid)[1:]]


async def test_account_erased_during_the_write_leaves_nothing(
    resources: Resources, drain_follows: Drain, people: list[SignedIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob, cid, _ = people
    await follow(resources, ann, bob)
    await follow(resources, ann, cid)
    users = resources.clients.database["users"]
    during_the_write(monkeypatch, lambda: users.delete_one({"_id": ObjectId(bob.user["_id"])}))

    await drain_follows()

    assert [await inbox(resources, each) for each in (bob, cid)] == [[], told(ann)]
    assert await resources.notifications.inboxes.find_last_seqs([bob.user["_id"]]) == {}


async def test_inbox_that_refuses_delays_no_other_and_its_own_entity_goes_on(
    environment: ActivityEnvironment,
    resources: Resources,
    drain_follows: Drain,
    own_entity: NotificationActivities,
    people: list[SignedIn],
) -> None:
    ann, bob, cid, _ = people
    await break_inbox(resources, bob)
    await follow(resources, ann, bob)
    await follow(resources, ann, cid)

    await drain_follows()

    assert await inbox(resources, cid) == told(ann)
    assert await owed_follows(resources, bob) == 1
    assert bob.user["_id"] in await resources.social.pending_follows.list_set_aside_users(limit=1_000)
    assert bob.user["_id"] not in await resources.social.pending_follows.list_oldest(FOLLOWS.suffixes, limit=1_000)

    await repair_inbox(resources, bob)
    await environment.run(own_entity.store_follows, bob.user["_id"])
    await environment.run(own_entity.close_follows, bob.user["_id"])

    assert await inbox(resources, bob) == [(1, "taken"), (2, told(ann)[0][1])]
    assert await owed_follows(resources, bob) == 0


async def test_events_of_many_are_stored_and_closed_together(
    resources: Resources, drain_events: Drain, people: list[SignedIn]
) -> None:
    await happens(resources, *people, people[0])

    await drain_events()
    await drain_events()

    assert [[seq for seq, _ in await inbox(resources, each)] for each in people] == [[1, 2], [1], [1], [1]]
    assert [await owed_events(resources, each) for each in people] == [0] * 4


async def test_events_of_an_inbox_that_refuses_delay_no_other(
    environment: ActivityEnvironment,
    resources: Resources,
    drain_events: Drain,
    own_entity: NotificationActivities,
    people: list[SignedIn],
) -> None:
    ann, bob, *_ = people
    await break_inbox(resources, ann)
    await happens(resources, ann, bob)

    await drain_events()

    assert [len(await inbox(resources, each)) for each in (ann, bob)] == [1, 1]
    assert await resources.users.security_events.find_set_aside_users(limit=1_000) == [ann.user["_id"]]

    await repair_inbox(resources, ann)
    await environment.run(own_entity.store, ann.user["_id"])

    assert [seq for seq, _ in await inbox(resources, ann)] == [1, 2]
    assert await owed_events(resources, ann) == 0


async def test_without_redis_all_is_stored_and_closed(
    environment: ActivityEnvironment, resources: Resources, people: list[SignedIn]
) -> None:
    ann, bob, *_ = people
    await follow(resources, ann, bob)
    away = open_redis("redis://127.0.0.1:1/0")

    await environment.run(drains_with(resources, NotificationPublisher(away)).drain_follows, FOLLOWS)

    assert await inbox(resources, bob) == told(ann)
    assert await owed_follows(resources, bob) == 0
    await away.aclose()


async def test_shard_tells_its_own_users_and_no_others(
    environment: ActivityEnvironment,
    activities: NotificationDrainActivities,
    resources: Resources,
    people: list[SignedIn],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(intents, "SHARD_COUNTS", dict.fromkeys(IntentKind, 256))
    ann, bob, *_ = people
    await follow(resources, ann, bob)
    await happens(resources, bob)
    follows = shard_of(IntentKind.FOLLOW_NOTIFICATIONS, bob.user["_id"])
    events = shard_of(IntentKind.EVENT_NOTIFICATIONS, bob.user["_id"])

    await environment.run(activities.drain_follows, Shard(follows.kind, (follows.number + 1) % 256))
    await environment.run(activities.drain_events, Shard(events.kind, (events.number + 1) % 256))
    before = await inbox(resources, bob)
    await environment.run(activities.drain_follows, follows)
    await environment.run(activities.drain_events, events)

    assert before == []
    assert len(await inbox(resources, bob)) == 2


async def test_writers_of_one_inbox_at_once_leave_no_gap_and_nothing_twice(
    environment: ActivityEnvironment,
    resources: Resources,
    drain_follows: Drain,
    drain_events: Drain,
    own_entity: NotificationActivities,
    people: list[SignedIn],
) -> None:
    ann, *followers = people
    await happens(resources, ann, ann, ann)
    for each in followers:
        await follow(resources, each, ann)

    await asyncio.gather(
        drain_follows(), drain_events(), drain_follows(), environment.run(own_entity.store, ann.user["_id"])
    )

    numbers, texts = zip(*await inbox(resources, ann), strict=True)
    assert numbers == (1, 2, 3, 4, 5, 6)
    assert len([text for text in texts if text.endswith("just followed you")]) == 3


async def test_more_than_a_batch_is_said_to_be_so(
    resources: Resources, drain_follows: Drain, people: list[SignedIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notification_drain, "MAX_DRAINED", 1)
    ann, bob, *_ = people
    await follow(resources, ann, bob)

    assert (await drain_follows()).is_full
