"""Notifications, as a fake does them."""

from temporalio import activity

from activities.notifications.notifications import PushNotifications, StoredNotifications
from tests.workflows.fakes.fake_activity import Deed


class FakeNotifications:
    """Nothing is owed until a test says so."""

    def __init__(self) -> None:
        self.stored = Deed[str, StoredNotifications](lambda _: StoredNotifications(0, is_full=False))
        self.stored_follows = Deed[str, StoredNotifications](lambda _: StoredNotifications(0, is_full=False))
        self.closed_follows = Deed[str, None](lambda _: None)
        self.pushed = Deed[PushNotifications, None](lambda _: None)

    def owes(self, stored: StoredNotifications) -> None:
        """What the next look finds and stores."""
        self.stored.answers_next(lambda _: stored)

    @activity.defn(name="notifications.store")
    async def store(self, ask: str) -> StoredNotifications:
        return await self.stored.play(ask)

    @activity.defn(name="notifications.store_follows")
    async def store_follows(self, ask: str) -> StoredNotifications:
        return await self.stored_follows.play(ask)

    @activity.defn(name="notifications.close_follows")
    async def close_follows(self, ask: str) -> None:
        return await self.closed_follows.play(ask)

    @activity.defn(name="notifications.push")
    async def push(self, ask: PushNotifications) -> None:
        return await self.pushed.play(ask)
