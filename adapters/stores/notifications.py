"""Stores of notifications: the notifications of each user, and the channel between processes."""

from dataclasses import dataclass

from adapters.mongo.notifications.inboxes import InboxStore
from adapters.mongo.notifications.notifications import NotificationStore
from adapters.redis.notification_publisher import NotificationPublisher
from adapters.redis.subscriptions import Subscriptions
from adapters.stores.opening import Opening


@dataclass(frozen=True)
class NotificationStores:
    """`notifications` and `inboxes` are in MongoDB; `publisher` and `subscriptions` use Redis pub/sub."""

    notifications: NotificationStore
    inboxes: InboxStore
    publisher: NotificationPublisher
    subscriptions: Subscriptions


def open_notifications(opening: Opening) -> NotificationStores:
    """Return the stores of notifications."""
    clients = opening.clients
    return NotificationStores(
        notifications=NotificationStore(clients.mongo, clients.database),
        inboxes=InboxStore(clients.database),
        publisher=NotificationPublisher(clients.redis),
        subscriptions=Subscriptions(clients.redis),
    )
