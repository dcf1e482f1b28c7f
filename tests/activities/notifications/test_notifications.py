"""Notifications are numbered without gaps, stored once, and pushed by number alone; on the real stores."""

import asyncio
from datetime import UTC, datetime

import pytest
from bson import ObjectId
from temporalio.testing import ActivityEnvironment

from activities.notifications.notifications import NotificationActivities, PushNotifications, StoredNotifications
from adapters.mongo.users.users import UserStore
from adapters.redis.client import open_redis
from adapters.redis.notification_publisher import NotificationPublisher, user_channel
from adapters.resources import Resources
from domain.notifications.notifications import MAX_BATCH
from domain.users.security_events import EventKind, SecurityEvent
from tests.support.notifications import leave_open, new_notifications
from tests.support.people import SignedIn
from tests.support.polling import eventually

NOW = datetime.now(UTC).replace(microsecond=0)
NOTHING = StoredNotifications(0, is_full=False)


@pytest.fixture
def activities(resources: Resources) -> NotificationActivities:
    return NotificationActivities(
        resources.notifications.notifications,
        resources.users.users,
        resources.social.pending_follows,
        resources.notifications.publisher,
    )


async def happens(resources: Resources, someone: SignedIn, *kinds: EventKind) -> None:
    """Record events whose notifications are left to their intents."""
    for kind in kinds:
        event_id = resources.hashes.new_object_id()
        await leave_open(resources, SecurityEvent(event_id, someone.user["_id"], kind, NOW, "Laptop"))


async def told(resources: Resources, someone: SignedIn) -> list[tuple[int, str]]:
    """Return number and title of all notifications of the user, oldest first."""
    mine = {"user_id": ObjectId(someone.user["_id"])}
    found = resources.clients.database["notifications"].find(mine).sort("seq")
    return [(document["seq"], document["title"]) async for document in found]


async def owed(resources: Resources, someone: SignedIn) -> int:
    mine = {"user_id": ObjectId(someone.user["_id"]), "notification_open_since": {"$exists": True}}
    return await resources.clients.database["security_events"].count_documents(mine)


async def test_open_events_become_notifications_and_no_intent_is_left(
    environment: ActivityEnvironment, activities: NotificationActivities, resources: Resources, someone: SignedIn
) -> None:
    await happens(resources, someone, EventKind.ROLE_CHANGED, EventKind.SESSION_REVOKED, EventKind.PASSWORD_CHANGED)

    stored = await environment.run(activities.store, someone.user["_id"])

    assert stored == StoredNotifications(last_seq=2, is_full=False, is_pushed=True)
    assert await told(resources, someone) == [(1, "Role changed"), (2, "Password changed")]
    assert await owed(resources, someone) == 0


async def test_storing_again_stores_nothing_and_returns_the_last_seq(
    environment: ActivityEnvironment, activities: NotificationActivities, resources: Resources, someone: SignedIn
) -> None:
    await happens(resources, someone, EventKind.ROLE_CHANGED)
    await environment.run(activities.store, someone.user["_id"])

    again = await environment.run(activities.store, someone.user["_id"])

    assert again == StoredNotifications(last_seq=1, is_full=False, is_pushed=True)
    assert len(await told(resources, someone)) == 1


@pytest.mark.defect(65)
async def test_stored_notification_takes_no_second_number(resources: Resources, someone: SignedIn) -> None:
    user_id, both = someone.user["_id"], new_notifications(2)
    await resources.notifications.notifications.write(user_id, both[:1], NOW)

    written = await resources.notifications.notifications.write(user_id, [*both, both[1]], NOW)
    again = await resources.notifications.notifications.write(user_id, both, NOW)

    assert (written.last_seq, again.last_seq) == (2, 2)
    assert [seq for seq, _ in await told(resources, someone)] == [1, 2]


async def test_more_than_a_batch_is_notified_in_order_over_several(
    environment: ActivityEnvironment, activities: NotificationActivities, resources: Resources, someone: SignedIn
) -> None:
    await happens(resources, someone, *[EventKind.ROLE_CHANGED] * (MAX_BATCH + 3))

    stored = [await environment.run(activities.store, someone.user["_id"]) for _ in range(2)]

    assert [(each.last_seq, each.is_full) for each in stored] == [(MAX_BATCH, True), (MAX_BATCH + 3, False)]
    assert [seq for seq, _ in await told(resources, someone)] == list(range(1, MAX_BATCH + 4))


async def test_two_writers_leave_no_gap_and_store_no_duplicate(
    environment: ActivityEnvironment, activities: NotificationActivities, resources: Resources, someone: SignedIn
) -> None:
    """There ought to be one; a worker that is cut off may still be writing when the next one tries."""
    user_id = someone.user["_id"]
    await happens(resources, someone, *[EventKind.ROLE_CHANGED] * 30)
    many = new_notifications(20)

    await asyncio.gather(
        *(environment.run(activities.store, user_id) for _ in range(3)),
        *(resources.notifications.notifications.write(user_id, many[start:], NOW) for start in (0, 5, 10)),
    )

    assert [seq for seq, _ in await told(resources, someone)] == list(range(1, 51))


async def test_missing_account_is_not_notified(
    environment: ActivityEnvironment, activities: NotificationActivities, resources: Resources
) -> None:
    user_id = resources.hashes.new_object_id()

    stored = [await environment.run(step, user_id) for step in (activities.store, activities.store_follows)]

    assert stored == [NOTHING, NOTHING]


async def test_nothing_is_left_of_what_was_written_while_an_account_was_erased(
    environment: ActivityEnvironment,
    activities: NotificationActivities,
    resources: Resources,
    someone: SignedIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await happens(resources, someone, EventKind.ROLE_CHANGED)
    there = iter([True, False])

    async def exists(_store: UserStore, _user_id: str) -> bool:
        return next(there)

    monkeypatch.setattr(UserStore, "exists", exists)

    assert await environment.run(activities.store, someone.user["_id"]) == NOTHING

    assert await told(resources, someone) == []


async def test_failed_publish_to_redis_is_left_to_a_separate_step(
    environment: ActivityEnvironment, resources: Resources, someone: SignedIn
) -> None:
    redis = open_redis("redis://127.0.0.1:1/0")
    deaf = NotificationActivities(
        resources.notifications.notifications,
        resources.users.users,
        resources.social.pending_follows,
        NotificationPublisher(redis),
    )
    await happens(resources, someone, EventKind.ROLE_CHANGED)

    stored = await environment.run(deaf.store, someone.user["_id"])

    assert stored == StoredNotifications(last_seq=1, is_full=False, is_pushed=False)
    await redis.aclose()


async def test_push_carries_numbers_alone(
    environment: ActivityEnvironment, activities: NotificationActivities, resources: Resources, someone: SignedIn
) -> None:
    user_id = someone.user["_id"]
    async with resources.clients.redis.pubsub() as channel:
        await channel.subscribe(user_channel(user_id))
        await eventually(lambda: channel.get_message(timeout=1))

        await environment.run(activities.push, PushNotifications(user_id, 7))

        message = await eventually(lambda: channel.get_message(timeout=1))

    assert (message["channel"], message["data"]) == (f"notify:{user_id}", "stored:7")


@pytest.mark.defect(104)
async def test_pending_follows_of_one_user_are_found_by_index(resources: Resources, someone: SignedIn) -> None:
    await happens(resources, someone, EventKind.ROLE_CHANGED)
    owed_to_them = {"user_id": ObjectId(someone.user["_id"]), "notification_open_since": {"$exists": True}}

    found = await resources.clients.database["security_events"].find(owed_to_them).explain()

    assert found["executionStats"]["totalDocsExamined"] == 1
