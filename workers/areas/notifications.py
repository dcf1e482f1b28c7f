"""Workflows and activities of notifications."""

from collections.abc import Mapping, Sequence

from activities.notifications.notifications import NotificationActivities
from adapters.resources import Resources
from workers.hosted import Hosted
from workflows.notifications.notifications import Notifications
from workflows.queues import Queue

WORKFLOWS: Mapping[Queue, Sequence[type]] = {
    Queue.NOTIFY: [Notifications],
}


def hosted(resources: Resources) -> Sequence[Hosted]:
    """Return the activities of notifications with their queue."""
    stores = resources.notifications
    notifications = NotificationActivities(
        stores.notifications, resources.users.users, resources.social.pending_follows, stores.publisher
    )
    return [
        Hosted(
            Queue.NOTIFY,
            [
                notifications.store,
                notifications.store_follows,
                notifications.close_follows,
                notifications.push,
            ],
        )
    ]
