"""Notifications for tests: stored as the product stores them, with arbitrary content."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.users.security_events import SecurityEventStore
from adapters.resources import Resources
from domain.notifications.notifications import MAX_BATCH, NewNotification, NotificationType
from domain.users.security_events import EventNotification, SecurityEvent


def new_notifications(number: int = 1, *, prefix: str | None = None) -> list[NewNotification]:
    """Return so many notifications, each with a new key."""
    prefix = prefix or secrets.token_hex(6)
    return [
        NewNotification(
            dedupe_key=f"test:{prefix}:{each}",
            type=NotificationType.ACCOUNT_EVENT,
            title="Something happened",
            message=f"It was number {each}.",
            data={"number": str(each)},
        )
        for each in range(number)
    ]


async def store_and_push(resources: Resources, user_id: str, number: int = 1) -> int:
    """Store so many and publish them, as the user's entity does. Return the last seq."""
    last_seq = 0
    for batch in _batches(new_notifications(number)):
        last_seq = (await resources.notifications.notifications.write(user_id, batch, datetime.now(UTC))).last_seq
        await resources.notifications.publisher.publish_stored(user_id, last_seq)
    return last_seq


class ContendedInbox:
    """Takes nothing, as an inbox that others write to all the time."""

    async def put(self, event: SecurityEvent, words: EventNotification, tx: AsyncClientSession) -> bool:
        return False


async def leave_open(resources: Resources, event: SecurityEvent) -> None:
    """Record the event as beside a burst of follows: its notification is left to the intent."""
    clients = resources.clients
    await SecurityEventStore(clients.mongo, clients.database, ContendedInbox(), resources.journal.occurrences).record(
        event
    )


def _batches(items: Sequence[NewNotification]) -> Sequence[Sequence[NewNotification]]:
    return [items[start : start + MAX_BATCH] for start in range(0, len(items), MAX_BATCH)]
