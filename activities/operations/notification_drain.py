"""Stores the pending notifications of many users in one transaction, publishes them, and closes their intents."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from temporalio import activity

from activities.operations.intent_drain import Drained, IsUnavailable, find_refused, rest
from domain.event_specs import event_spec
from domain.intents import MAX_DRAINED, Shard
from domain.journal.occurrences import Occurrence
from domain.notifications.notifications import (
    FOLLOW_COOLDOWN,
    NewNotification,
    event_notification,
    notification_for_follow,
)
from domain.social.follows import PendingFollow, follow_created
from domain.users.security_events import SecurityEvent

if TYPE_CHECKING:
    from adapters.mongo.notifications.notification_batches import NotificationBatchStore
    from adapters.mongo.notifications.notifications import NotificationStore
    from adapters.mongo.users.security_events import SecurityEventStore
    from adapters.mongo.users.users import UserStore
    from adapters.neo4j.social.pending_follows import PendingFollowStore
    from adapters.redis.notification_publisher import NotificationPublisher


class NotificationDrainActivities:
    """The drains of what users are to be notified of. Whose inbox refuses it is set aside; others are not delayed."""

    def __init__(
        self,
        batches: "NotificationBatchStore",
        notifications: "NotificationStore",
        users: "UserStore",
        events: "SecurityEventStore",
        follows: "PendingFollowStore",
        pushes: "NotificationPublisher",
        is_unavailable: IsUnavailable,
    ) -> None:
        self._batches = batches
        self._notifications = notifications
        self._users = users
        self._events = events
        self._follows = follows
        self._pushes = pushes
        self._is_unavailable = is_unavailable

    @activity.defn(name="notifications.drain_events")
    async def drain_events(self, shard: Shard) -> Drained:
        """Store and publish the oldest pending events, and close them in the same transaction. Idempotent.

        Rests after several.
        """
        found = await self._events.find_oldest_unnotified(shard.suffixes, limit=MAX_DRAINED)
        by_user = defaultdict[str, list[SecurityEvent]](list)
        for event in found.events:
            by_user[event.user_id].append(event)
        refused = await find_refused([*by_user.items()], self._store_events, self._is_unavailable)
        failed = [*found.unreadable, *(user_id for user_id, _ in refused)]
        if failed:
            await self._events.set_aside(failed, datetime.now(UTC))
        return await rest(shard, found.count, limit=MAX_DRAINED)

    @activity.defn(name="notifications.drain_follows")
    async def drain_follows(self, shard: Shard) -> Drained:
        """Store and publish the oldest pending follows, then close them. Idempotent. Rests after several."""
        found = await self._follows.list_oldest(shard.suffixes, limit=MAX_DRAINED)
        refused = await find_refused([*found.items()], self._store_follows, self._is_unavailable)
        if refused:
            await self._follows.set_aside([user_id for user_id, _ in refused])
        return await rest(shard, sum(map(len, found.values())), limit=MAX_DRAINED)

    async def _store_events(self, batch: Sequence[tuple[str, Sequence[SecurityEvent]]]) -> None:
        new = {user_id: _event_notifications(events) for user_id, events in batch}
        event_ids = [event.event_id for _, events in batch for event in events]
        await self._write(new, event_ids)
        await self._delete_erased(list(new))

    async def _store_follows(self, batch: Sequence[tuple[str, Sequence[PendingFollow]]]) -> None:
        """Store the follows by followers with an account, record all, and close all. No user waits for what is after
        the push.
        """
        follows = dict(batch)
        followers = {follow.follower_id for pending in follows.values() for follow in pending}
        names = await self._users.find_names([*followers, *follows])
        new = {user_id: _notifications(pending, names) for user_id, pending in follows.items() if user_id in names}
        await self._write(new, occurrences=_occurrences(follows))
        blocked, _ = await asyncio.gather(self._follows.close_many(follows), self._delete_erased(list(new)))
        # A block hides only the notifications that it finds: one made during the write found none.
        for user_id, follower_ids in blocked.items():
            await self._notifications.redact(user_id, follower_ids)

    async def _write(
        self,
        new: Mapping[str, Sequence[NewNotification]],
        event_ids: Sequence[str] = (),
        occurrences: Sequence[Occurrence] = (),
    ) -> None:
        """Store and publish, in the same activity: a separate one would take half as long again."""
        now = datetime.now(UTC)
        last_seqs = await self._batches.write(
            new, now, cooldown_since=now - FOLLOW_COOLDOWN, event_ids=event_ids, occurrences=occurrences
        )
        if last_seqs:
            await self._pushes.try_publish_many_stored(last_seqs)

    async def _delete_erased(self, user_ids: Sequence[str]) -> None:
        """Delete the notifications again of accounts that were erased during the write."""
        erased = await self._users.find_missing(user_ids)
        if erased:
            await self._batches.delete_all(erased)


def _occurrences(follows: Mapping[str, Sequence[PendingFollow]]) -> Sequence[Occurrence]:
    return [follow_created(follow, user_id) for user_id, pending in follows.items() for follow in pending]


def _notifications(follows: Sequence[PendingFollow], names: Mapping[str, str | None]) -> Sequence[NewNotification]:
    named = [(follow, names.get(follow.follower_id)) for follow in follows]
    return [notification_for_follow(follow, name) for follow, name in named if name]


def _event_notifications(events: Sequence[SecurityEvent]) -> Sequence[NewNotification]:
    """Return those of the events that become a notification."""
    with_texts = [(event, event_spec(event).notification) for event in events]
    return [event_notification(event, texts) for event, texts in with_texts if texts]
