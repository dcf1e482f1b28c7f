"""Follows in the journal: each edge once, whether its followee is notified or not."""

import pytest
from neo4j.exceptions import ServiceUnavailable
from temporalio.testing import ActivityEnvironment

from activities.operations.notification_drain import NotificationDrainActivities
from adapters import causes
from adapters.neo4j.social.pending_follows import PendingFollowStore
from adapters.resources import Resources
from domain.intents import IntentKind, Shard
from domain.journal.occurrences import OccurrenceType
from tests.support.accounts import make_account
from tests.support.graph import edges
from tests.support.inboxes import drains_with, follow, inbox, told
from tests.support.occurrences import documents_of
from tests.support.people import SignedIn

FOLLOWS = Shard(IntentKind.FOLLOW_NOTIFICATIONS, 0)


@pytest.fixture(autouse=True)
def without_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("activities.operations.intent_drain.LINGER_SECONDS", dict.fromkeys(IntentKind, 0))


@pytest.fixture
def activities(resources: Resources) -> NotificationDrainActivities:
    return drains_with(resources, resources.notifications.publisher)


@pytest.fixture
async def follower(resources: Resources) -> SignedIn:
    return await make_account(resources)


async def followers_in_the_journal(resources: Resources, someone: SignedIn) -> list[str]:
    """The actor of each follow of the user, oldest first."""
    follows = await documents_of(resources, someone.user["_id"], OccurrenceType.FOLLOW_CREATED)
    return [each["actor"]["id"] for each in follows]


async def test_edge_whose_closing_failed_is_told_once(
    environment: ActivityEnvironment,
    activities: NotificationDrainActivities,
    resources: Resources,
    someone: SignedIn,
    follower: SignedIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await follow(resources, follower, someone)

    async def away(*_: object) -> None:
        raise ServiceUnavailable("connection lost")

    with monkeypatch.context() as crash:
        crash.setattr(PendingFollowStore, "close_many", away)
        with pytest.raises(ServiceUnavailable):
            await environment.run(activities.drain_follows, FOLLOWS)
    await environment.run(activities.drain_follows, FOLLOWS)

    assert await followers_in_the_journal(resources, someone) == [follower.user["_id"]]


async def test_follow_names_the_request_and_the_key_that_made_it_and_the_told_edge_forgets_them(
    environment: ActivityEnvironment,
    activities: NotificationDrainActivities,
    resources: Resources,
    someone: SignedIn,
    follower: SignedIn,
) -> None:
    causes.request_id.set("a-request")
    causes.key_id.set("a-key")
    await follow(resources, follower, someone)
    causes.request_id.set("of-the-entity")
    causes.key_id.set(None)

    await environment.run(activities.drain_follows, FOLLOWS)

    (told_once,) = await documents_of(resources, someone.user["_id"], OccurrenceType.FOLLOW_CREATED)
    assert (told_once["request_id"], told_once["actor"]["key_id"]) == ("a-request", "a-key")
    ((_, edge),) = await edges(resources, follower, someone)
    assert not {"notify_open", "request_id", "key_id"} & set(edge)


async def test_second_edge_of_two_within_a_day_is_told_without_a_notification(
    environment: ActivityEnvironment,
    activities: NotificationDrainActivities,
    resources: Resources,
    someone: SignedIn,
    follower: SignedIn,
) -> None:
    await follow(resources, follower, someone)
    await environment.run(activities.drain_follows, FOLLOWS)
    await resources.social.follows.unfollow(follower.user["_id"], someone.user["_id"])
    await follow(resources, follower, someone)

    await environment.run(activities.drain_follows, FOLLOWS)

    assert await inbox(resources, someone) == told(follower)
    assert await followers_in_the_journal(resources, someone) == [follower.user["_id"]] * 2
