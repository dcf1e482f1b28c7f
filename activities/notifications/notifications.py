"""One user's notifications: store the pending ones, publish them to the gateways, close the follows in the graph."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from temporalio import activity

from domain.notifications.notifications import FOLLOW_COOLDOWN, MAX_BATCH, notification_for_follow
from domain.social.follows import PendingFollow, follow_created

if TYPE_CHECKING:
    from adapters.mongo.notifications.notifications import NotificationStore, WriteResult
    from adapters.mongo.users.users import UserStore
    from adapters.neo4j.social.pending_follows import PendingFollowStore
    from adapters.redis.notification_publisher import NotificationPublisher


@dataclass(frozen=True)
class NotificationsInput:
    """`user_key`: the keyed hash of the user id, for workflow ids, which may contain no user id."""

    user_id: str
    user_key: str


@dataclass(frozen=True)
class StoredNotifications:
    """`last_seq`: the user's last number; `is_full`: there may be more to store; `is_pushed`: it was published."""

    last_seq: int
    is_full: bool
    is_pushed: bool = False


@dataclass(frozen=True)
class PushNotifications:
    """`last_seq`: the number of the user's last stored notification."""

    user_id: str
    last_seq: int


NOTHING_STORED = StoredNotifications(0, is_full=False)


class NotificationActivities:
    """Activities of the Notifications workflow."""

    def __init__(
        self,
        notifications: "NotificationStore",
        users: "UserStore",
        follows: "PendingFollowStore",
        pushes: "NotificationPublisher",
    ) -> None:
        self._notifications = notifications
        self._users = users
        self._follows = follows
        self._pushes = pushes

    @activity.defn(name="notifications.store")
    async def store(self, user_id: str) -> StoredNotifications:
        """Number and store a batch of the account's pending events, and publish it over Redis if that is up.

        Idempotent: a repeat stores no notification twice.
        """
        if not await self._users.exists(user_id):
            return NOTHING_STORED
        return await self._store_result(user_id, await self._notifications.write_events(user_id, datetime.now(UTC)))

    @activity.defn(name="notifications.store_follows")
    async def store_follows(self, user_id: str) -> StoredNotifications:
        """Store and publish a batch of pending follows, and record their occurrences. The edges stay pending until
        `close_follows`.
        """
        pending = await self._follows.list_pending(user_id, limit=MAX_BATCH)
        notified, names, exists = await asyncio.gather(
            self._find_notified(user_id, pending), self._names(pending), self._users.exists(user_id)
        )
        if not exists:
            return NOTHING_STORED
        fresh = [follow for follow in pending if follow not in notified and follow.follower_id in names]
        notifications = [notification_for_follow(follow, names[follow.follower_id]) for follow in fresh]
        occurrences = [follow_created(follow, user_id) for follow in pending]
        written = await self._notifications.write(user_id, notifications, datetime.now(UTC), occurrences)
        stored = await self._store_result(user_id, written)
        if fresh:
            await self._hide_blocked(user_id, [follow.follower_id for follow in fresh])
        return replace(stored, is_full=len(pending) == MAX_BATCH)

    @activity.defn(name="notifications.close_follows")
    async def close_follows(self, user_id: str) -> None:
        """Close the edges whose notification is stored, and those of followers without an account."""
        pending = await self._follows.list_pending(user_id, limit=MAX_BATCH)
        notified, names = await asyncio.gather(self._find_notified(user_id, pending), self._names(pending))
        done = [follow for follow in pending if follow in notified or follow.follower_id not in names]
        if done:
            await self._follows.close(user_id, done)

    @activity.defn(name="notifications.push")
    async def push(self, command: PushNotifications) -> None:
        """Publish the user's last number to every gateway. Raises if Redis is down."""
        await self._pushes.publish_stored(command.user_id, command.last_seq)

    async def _store_result(self, user_id: str, written: "WriteResult") -> StoredNotifications:
        """Publish what was written, in the same activity: a separate one would take half as long again.

        The account may be erased during the write: then its notifications are deleted again.
        """
        if not written.last_seq:
            return StoredNotifications(0, written.is_full)
        is_pushed = await self._pushes.try_publish_stored(user_id, written.last_seq)
        if not await self._users.exists(user_id):
            await self._notifications.delete_all(user_id)
            return NOTHING_STORED
        return StoredNotifications(written.last_seq, written.is_full, is_pushed)

    async def _hide_blocked(self, user_id: str, followers: Sequence[str]) -> None:
        """Redact followers blocked during the write: a block hides only the notifications that it finds."""
        blocked = await self._follows.find_blocked(user_id, followers)
        if blocked:
            await self._notifications.redact(user_id, blocked)

    async def _find_notified(self, user_id: str, pending: Sequence[PendingFollow]) -> set[PendingFollow]:
        if not pending:
            return set()
        return await self._notifications.find_notified_follows(user_id, pending, datetime.now(UTC) - FOLLOW_COOLDOWN)

    async def _names(self, pending: Sequence[PendingFollow]) -> Mapping[str, str]:
        return await self._users.find_usernames([follow.follower_id for follow in pending]) if pending else {}
