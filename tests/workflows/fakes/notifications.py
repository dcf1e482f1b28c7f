"""Notifications, as a fake does them."""

from collections.abc import Callable, Sequence
from typing import Any

from temporalio import activity

from activities.notifications.notifications import PushNotifications, StoredNotifications
from activities.operations.intent_drain import Drained
from domain.intents import Shard
from tests.workflows.fakes.fake_activity import FakeActivity


class FakeNotifications:
    """No intent is open until a test says so."""

    def __init__(self) -> None:
        self.stored = FakeActivity[str, StoredNotifications](lambda _: StoredNotifications(0, is_full=False))
        self.stored_follows = FakeActivity[str, StoredNotifications](lambda _: StoredNotifications(0, is_full=False))
        self.closed_follows = FakeActivity[str, None](lambda _: None)
        self.drained_events = FakeActivity[Shard, Drained](lambda _: Drained(is_full=False))
        self.drained_follows = FakeActivity[Shard, Drained](lambda _: Drained(is_full=False))
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

    @activity.defn(name="notifications.drain_events")
    async def drain_events(self, command: Shard) -> Drained:
        return await self.drained_events.call(command)

    @activity.defn(name="notifications.drain_follows")
    async def drain_follows(self, command: Shard) -> Drained:
        return await self.drained_follows.call(command)

    def activities(self) -> Sequence[Callable[..., Any]]:
        """All that the entities of notifications call."""
        return [
            self.store,
            self.store_follows,
            self.close_follows,
            self.push,
            self.drain_events,
            self.drain_follows,
        ]
