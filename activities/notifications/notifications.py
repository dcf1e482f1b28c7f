"""One person's notifications: store what is owed them, tell the gateways, close what was owed in the graph."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from temporalio import activity

from domain.notifications.notifications import FOLLOW_COOLDOWN, MAX_BATCH, notification_for_follow
from domain.social.follows import PendingFollow

if TYPE_CHECKING:
    from adapters.mongo.notifications.notifications import NotificationStore, WriteResult
    from adapters.mongo.users.users import UserStore
    from adapters.neo4j.social.pending_follows import PendingFollowStore
    from adapters.redis.notification_publisher import NotificationPublisher


@dataclass(frozen=True)
class NotificationsInput:
    """`user_key` stands for the user in workflow ids, where no user id may appear."""

    user_id: str
    user_key: str


@dataclass(frozen=True)
class StoredNotifications:
    """`last_seq` is the person's last number. `is_full`: there may be more to store. `is_pushed`: the gateways know."""

    last_seq: int
    is_full: bool
    is_pushed: bool = False


@dataclass(frozen=True)
class PushNotifications:
    user_id: str
    last_seq: int


NOTHING_STORED = StoredNotifications(0, is_full=False)


class NotificationActivities:
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
        """Number and store a batch of what has happened to the account, and say so over Redis if it is there.

        Done twice, nothing is told twice.
        """
        if not await self._users.exists(user_id):
            return NOTHING_STORED
        return await self._store_result(user_id, await self._notifications.write_events(user_id, datetime.now(UTC)))

    @activity.defn(name="notifications.store_follows")
    async def store_follows(self, user_id: str) -> StoredNotifications:
        """The same for a batch of new followers. The edges stay open until `close_follows`."""
        pending = await self._follows.list_pending(user_id, limit=MAX_BATCH)
        notified, names, exists = await asyncio.gather(
            self._find_notified(user_id, pending), self._names(pending), self._users.exists(user_id)
        )
        if not exists:
            return NOTHING_STORED
        fresh = [each for each in pending if each not in notified and each.follower_id in names]
        notifications = [notification_for_follow(each, names[each.follower_id]) for each in fresh]
        stored = await self._store_result(
            user_id, await self._notifications.write(user_id, notifications, datetime.now(UTC))
        )
        if fresh:
            await self._hide_blocked(user_id, [each.follower_id for each in fresh])
        return replace(stored, is_full=len(pending) == MAX_BATCH)

    @activity.defn(name="notifications.close_follows")
    async def close_follows(self, user_id: str) -> None:
        """Nothing is owed for edges whose notification is stored, nor for those of people who are gone."""
        pending = await self._follows.list_pending(user_id, limit=MAX_BATCH)
        notified, names = await asyncio.gather(self._find_notified(user_id, pending), self._names(pending))
        done = [each for each in pending if each in notified or each.follower_id not in names]
        if done:
            await self._follows.close(user_id, done)

    @activity.defn(name="notifications.push")
    async def push(self, command: PushNotifications) -> None:
        """Tell every gateway how far the person's notifications go."""
        await self._pushes.publish_stored(command.user_id, command.last_seq)

    async def _store_result(self, user_id: str, written: "WriteResult") -> StoredNotifications:
        """Pushed at once: a step of its own would take half as long again. An account may be erased while we write:
        then what we have written goes again.
        """
        if not written.last_seq:
            return StoredNotifications(0, written.is_full)
        is_pushed = await self._pushes.try_publish_stored(user_id, written.last_seq)
        if not await self._users.exists(user_id):
            await self._notifications.delete_all(user_id)
            return NOTHING_STORED
        return StoredNotifications(written.last_seq, written.is_full, is_pushed)

    async def _hide_blocked(self, user_id: str, followers: Sequence[str]) -> None:
        """A block hides what it finds; one that came while we wrote has not found what we have written."""
        blocked = await self._follows.find_blocked(user_id, followers)
        if blocked:
            await self._notifications.redact(user_id, blocked)

    async def _find_notified(self, user_id: str, pending: Sequence[PendingFollow]) -> set[PendingFollow]:
        if not pending:
            return set()
        return await self._notifications.find_notified_follows(user_id, pending, datetime.now(UTC) - FOLLOW_COOLDOWN)

    async def _names(self, pending: Sequence[PendingFollow]) -> Mapping[str, str]:
        return await self._users.find_usernames([each.follower_id for each in pending]) if pending else {}
