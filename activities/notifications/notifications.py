"""One person's notifications: store what is owed them, tell the gateways, close what was owed in the graph."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from temporalio import activity

from domain.notifications.notifications import BATCH, FOLLOW_REST, told_of_follow
from domain.social.follows import OwedFollow

if TYPE_CHECKING:
    from adapters.mongo.notifications.notifications import NotificationStore, Written
    from adapters.mongo.users.users import UserStore
    from adapters.neo4j.social.pending_follows import OwedFollowStore
    from adapters.redis.notification_publisher import Pushes


@dataclass(frozen=True)
class NotificationsOrder:
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


NOBODY = StoredNotifications(0, is_full=False)


class NotificationActivities:
    def __init__(
        self,
        notifications: "NotificationStore",
        users: "UserStore",
        follows: "OwedFollowStore",
        pushes: "Pushes",
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
            return NOBODY
        return await self._said(user_id, await self._notifications.write_events(user_id, datetime.now(UTC)))

    @activity.defn(name="notifications.store_follows")
    async def store_follows(self, user_id: str) -> StoredNotifications:
        """The same for a batch of new followers. The edges stay open until `close_follows`."""
        owed = await self._follows.owed(user_id, limit=BATCH)
        told, names, exists = await asyncio.gather(
            self._told(user_id, owed), self._names(owed), self._users.exists(user_id)
        )
        if not exists:
            return NOBODY
        fresh = [each for each in owed if each not in told and each.follower_id in names]
        news = [told_of_follow(each, names[each.follower_id]) for each in fresh]
        stored = await self._said(user_id, await self._notifications.write(user_id, news, datetime.now(UTC)))
        if fresh:
            await self._hide_blocked(user_id, [each.follower_id for each in fresh])
        return replace(stored, is_full=len(owed) == BATCH)

    @activity.defn(name="notifications.close_follows")
    async def close_follows(self, user_id: str) -> None:
        """Nothing is owed for edges whose notification is stored, nor for those of people who are gone."""
        owed = await self._follows.owed(user_id, limit=BATCH)
        told, names = await asyncio.gather(self._told(user_id, owed), self._names(owed))
        over = [each for each in owed if each in told or each.follower_id not in names]
        if over:
            await self._follows.close(user_id, over)

    @activity.defn(name="notifications.push")
    async def push(self, ask: PushNotifications) -> None:
        """Tell every gateway how far the person's notifications go."""
        await self._pushes.stored(ask.user_id, ask.last_seq)

    async def _said(self, user_id: str, written: "Written") -> StoredNotifications:
        """Pushed at once: a step of its own would take half as long again. An account may be erased while we write:
        then what we have written goes again.
        """
        if not written.last_seq:
            return StoredNotifications(0, written.is_full)
        is_pushed = await self._pushes.stored_or_not(user_id, written.last_seq)
        if not await self._users.exists(user_id):
            await self._notifications.forget(user_id)
            return NOBODY
        return StoredNotifications(written.last_seq, written.is_full, is_pushed)

    async def _hide_blocked(self, user_id: str, followers: Sequence[str]) -> None:
        """A block hides what it finds; one that came while we wrote has not found what we have written."""
        blocked = await self._follows.blocked(user_id, followers)
        if blocked:
            await self._notifications.hide(user_id, blocked)

    async def _told(self, user_id: str, owed: Sequence[OwedFollow]) -> set[OwedFollow]:
        if not owed:
            return set()
        return await self._notifications.told_follows(user_id, owed, datetime.now(UTC) - FOLLOW_REST)

    async def _names(self, owed: Sequence[OwedFollow]) -> Mapping[str, str]:
        return await self._users.usernames([each.follower_id for each in owed]) if owed else {}
