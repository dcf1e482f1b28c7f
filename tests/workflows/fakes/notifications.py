"""Notifications, as a fake does them."""

from temporalio import activity

from activities.notifications.notifications import PushNotifications, StoredNotifications
from tests.workflows.fakes.fake_activity import FakeActivity


class FakeNotifications:
    """No intent is open until a test says so."""

    def __init__(self) -> None:
        self.stored = FakeActivity[str, StoredNotifications](lambda _: StoredNotifications(0, is_full=False))
        self.stored_follows = FakeActivity[str, StoredNotifications](lambda _: StoredNotifications(0, is_full=False))
        self.closed_follows = FakeActivity[str, None](lambda _: None)
        self.pushed = FakeActivity[PushNotifications, None](lambda _: None)

    def has_pending(self, stored: StoredNotifications) -> None:
        """What the next look finds and stores."""
        self.stored.returns_next(lambda _: stored)

    @activity.defn(name="notifications.store")
    async def store(self, command: str) -> StoredNotifications:
        return await self.stored.call(command)

    @activity.defn(name="notifications.store_follows")
    async def store_follows(self, command: str) -> StoredNotifications:
        return await self.stored_follows.call(command)

    @activity.defn(name="notifications.close_follows")
    async def close_follows(self, command: str) -> None:
        return await self.closed_follows.call(command)

    @activity.defn(name="notifications.push")
    async def push(self, command: PushNotifications) -> None:
        return await self.pushed.call(command)
