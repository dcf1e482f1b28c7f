"""One person's notifications: store what is owed them, tell the gateways, close what was owed in the graph."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from temporalio import activity

if TYPE_CHECKING:
    from adapters.mongo.notifications import NotificationStore
    from adapters.mongo.users import UserStore
    from adapters.redis.pushes import Pushes


@dataclass(frozen=True)
class NotificationsOrder:
    """`user_key` stands for the user in workflow ids, where no user id may appear."""

    user_id: str
    user_key: str


@dataclass(frozen=True)
class StoredNotifications:
    """`last_seq` is 0 when nothing new was owed. `is_full`: there may be more to store."""

    last_seq: int
    is_full: bool


@dataclass(frozen=True)
class PushNotifications:
    user_id: str
    last_seq: int


class NotificationActivities:
    def __init__(self, notifications: "NotificationStore", users: "UserStore", pushes: "Pushes") -> None:
        self._notifications = notifications
        self._users = users
        self._pushes = pushes

    @activity.defn(name="notifications.store")
    async def store(self, user_id: str) -> StoredNotifications:
        """Number and store a batch of what is owed. Done twice, nothing is told twice.

        An account may be erased while we write: then what we have written goes again.
        """
        written = await self._notifications.write(user_id, [], datetime.now(UTC))
        if written.last_seq and not await self._users.exists(user_id):
            await self._notifications.forget(user_id)
            return StoredNotifications(0, is_full=False)
        return StoredNotifications(written.last_seq, written.is_full)

    @activity.defn(name="notifications.push")
    async def push(self, ask: PushNotifications) -> None:
        """Tell every gateway how far the person's notifications go."""
        await self._pushes.stored(ask.user_id, ask.last_seq)
