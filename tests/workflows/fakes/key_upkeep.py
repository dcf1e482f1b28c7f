"""The activities of KeyUpkeep, as a fake does them: no reminder is due and no use is old unless a test says so."""

from collections.abc import Callable, Sequence
from typing import Any

from temporalio import activity

from activities.auth.key_upkeep import DropUses, Reminders, WriteReminders
from tests.workflows.fakes.fake_activity import FakeActivity


class FakeKeyUpkeep:
    def __init__(self) -> None:
        self.written = FakeActivity[WriteReminders, Reminders](lambda _: Reminders())
        self.closed = FakeActivity[Reminders, None](lambda _: None)
        self.dropped = FakeActivity[DropUses, str | None](lambda _: None)

    @activity.defn(name="key_upkeep.write_reminders")
    async def write_reminders(self, command: WriteReminders) -> Reminders:
        return await self.written.call(command)

    @activity.defn(name="key_upkeep.close_reminders")
    async def close_reminders(self, command: Reminders) -> None:
        return await self.closed.call(command)

    @activity.defn(name="key_upkeep.drop_uses")
    async def drop_uses(self, command: DropUses) -> str | None:
        return await self.dropped.call(command)

    def activities(self) -> Sequence[Callable[..., Any]]:
        return [self.write_reminders, self.close_reminders, self.drop_uses]
