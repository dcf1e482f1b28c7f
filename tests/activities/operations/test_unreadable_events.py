"""An event that a later release has recorded holds up no notification of other users."""

from datetime import UTC, datetime

from bson import ObjectId
from temporalio.testing import ActivityEnvironment

from activities.operations.notification_drain import NotificationDrainActivities
from adapters.failures import is_unavailable
from adapters.mongo.client import Database
from adapters.mongo.users.security_events import SecurityEventStore
from adapters.resources import Resources
from domain.intents import IntentKind, Shard

NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)


async def test_user_with_an_event_of_an_unknown_kind_is_set_aside(
    environment: ActivityEnvironment, resources: Resources, database: Database
) -> None:
    stores, user_id = resources.notifications, ObjectId()
    events = SecurityEventStore(resources.clients.mongo, database, stores.event_inbox, resources.journal.occurrences)
    activities = NotificationDrainActivities(
        stores.batches,
        stores.notifications,
        resources.users.users,
        events,
        resources.social.pending_follows,
        stores.publisher,
        is_unavailable,
    )
    await database["security_events"].insert_one(
        {"user_id": user_id, "kind": "of_a_later_release", "at": NOW, "notification_open_since": NOW}
    )

    await environment.run(activities.drain_events, Shard(IntentKind.EVENT_NOTIFICATIONS, 0))

    assert await events.find_set_aside_users(limit=10) == [str(user_id)]
