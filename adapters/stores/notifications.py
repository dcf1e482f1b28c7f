"""Stores of notifications: the notifications of each user, and what tells other processes of them."""

from dataclasses import dataclass
from functools import partial

from adapters.mongo.notifications.event_inbox import EventInbox
from adapters.mongo.notifications.inboxes import InboxStore
from adapters.mongo.notifications.notification_batches import NotificationBatchStore
from adapters.mongo.notifications.notifications import NotificationStore
from adapters.redis.notification_publisher import NotificationPublisher
from adapters.stores.journal import JournalStores
from adapters.stores.opening import Opening
from adapters.stores.users import UserStores
from adapters.temporal.intent_waker import IntentWaker
from domain.intents import IntentKind


@dataclass(frozen=True)
class NotificationStores:
    """`publisher` uses Redis pub/sub, the others are in MongoDB."""

    notifications: NotificationStore
    batches: NotificationBatchStore
    event_inbox: EventInbox
    inboxes: InboxStore
    publisher: NotificationPublisher


def open_event_inbox(opening: Opening, waker: IntentWaker) -> EventInbox:
    """Return what stores notifications of events. The areas below record these, so it is opened before them."""
    publisher = NotificationPublisher(opening.clients.redis)
    wake = partial(waker.wake, IntentKind.EVENT_NOTIFICATIONS)
    return EventInbox(opening.clients.database, publisher.try_publish_stored, wake)


def open_notifications(
    opening: Opening, journal: JournalStores, users: UserStores, event_inbox: EventInbox
) -> NotificationStores:
    """Return the stores of notifications. They share the security events of `users`."""
    clients, events, occurrences = opening.clients, users.security_events, journal.occurrences
    return NotificationStores(
        notifications=NotificationStore(clients.mongo, clients.database, events, occurrences),
        event_inbox=event_inbox,
        batches=NotificationBatchStore(clients.mongo, clients.database, events, occurrences),
        inboxes=InboxStore(clients.database),
        publisher=NotificationPublisher(clients.redis),
    )
