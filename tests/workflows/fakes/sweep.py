"""The sweep's activities, as a fake does them: nothing is open unless a test says so."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from temporalio import activity

from activities.accounts.account_deletion import DeletionInput
from activities.assistant.turns import TurnsInput
from activities.notifications.notifications import NotificationsInput
from activities.operations.sweep import FindIntents, OpenNotifications, OpenSyncs
from activities.users.graph_sync import GraphSyncInput
from activities.users.security_notices import NoticeInput
from tests.workflows.fakes.fake_activity import FakeActivity


class FakeSweep:
    def __init__(self) -> None:
        self.found_deletions = FakeActivity[FindIntents, list[DeletionInput]](lambda _: [])
        self.found = FakeActivity[FindIntents, list[GraphSyncInput]](lambda _: [])
        self.found_unsynced = FakeActivity[FindIntents, OpenSyncs](lambda _: OpenSyncs([], []))
        self.events_found = FakeActivity[FindIntents, OpenNotifications](lambda _: OpenNotifications([], []))
        self.follows_found = FakeActivity[FindIntents, OpenNotifications](lambda _: OpenNotifications([], []))
        self.found_notices = FakeActivity[FindIntents, list[NoticeInput]](lambda _: [])
        self.found_followed = FakeActivity[FindIntents, list[NotificationsInput]](lambda _: [])
        self.found_unnotified = FakeActivity[FindIntents, list[NotificationsInput]](lambda _: [])
        self.found_unnumbered = FakeActivity[FindIntents, bool](lambda _: False)
        self.dropped = FakeActivity[datetime, int](lambda _: 0)
        self.found_waiting_chats = FakeActivity[FindIntents, list[TurnsInput]](lambda _: [])
        self.dropped_words = FakeActivity[datetime, int](lambda _: 0)

    @activity.defn(name="sweep.find_open_syncs")
    async def find_open_syncs(self, command: FindIntents) -> list[GraphSyncInput]:
        return await self.found.call(command)

    @activity.defn(name="sweep.find_unsynced")
    async def find_unsynced(self, command: FindIntents) -> OpenSyncs:
        return await self.found_unsynced.call(command)

    @activity.defn(name="sweep.find_unnotified_of_events")
    async def find_unnotified_of_events(self, command: FindIntents) -> OpenNotifications:
        return await self.events_found.call(command)

    @activity.defn(name="sweep.find_unnotified_of_follows")
    async def find_unnotified_of_follows(self, command: FindIntents) -> OpenNotifications:
        return await self.follows_found.call(command)

    @activity.defn(name="sweep.find_open_notices")
    async def find_open_notices(self, command: FindIntents) -> list[NoticeInput]:
        return await self.found_notices.call(command)

    @activity.defn(name="sweep.find_owed_follows")
    async def find_pending_follows(self, command: FindIntents) -> list[NotificationsInput]:
        return await self.found_followed.call(command)

    @activity.defn(name="sweep.find_untold")
    async def find_unnotified(self, command: FindIntents) -> list[NotificationsInput]:
        return await self.found_unnotified.call(command)

    @activity.defn(name="sweep.find_open_deletions")
    async def find_open_deletions(self, command: FindIntents) -> list[DeletionInput]:
        return await self.found_deletions.call(command)

    @activity.defn(name="sweep.find_unnumbered")
    async def find_unnumbered(self, command: FindIntents) -> bool:
        return await self.found_unnumbered.call(command)

    @activity.defn(name="sweep.drop_mail_contents")
    async def drop_mail_contents(self, command: datetime) -> int:
        return await self.dropped.call(command)

    @activity.defn(name="sweep.find_waiting_chats")
    async def find_waiting_chats(self, command: FindIntents) -> list[TurnsInput]:
        return await self.found_waiting_chats.call(command)

    @activity.defn(name="sweep.drop_chat_words")
    async def drop_chat_words(self, command: datetime) -> int:
        return await self.dropped_words.call(command)

    def activities(self) -> Sequence[Callable[..., Any]]:
        """All that the sweep calls."""
        return [
            self.find_open_syncs,
            self.find_unsynced,
            self.find_unnotified_of_events,
            self.find_unnotified_of_follows,
            self.find_open_notices,
            self.find_open_deletions,
            self.find_unnotified,
            self.find_unnumbered,
            self.find_pending_follows,
            self.drop_mail_contents,
            self.find_waiting_chats,
            self.drop_chat_words,
        ]
