"""The journal's activities, as a fake does them: each round ends at once, and nothing is too old."""

from collections.abc import Callable, Sequence
from typing import Any

from temporalio import activity

from activities.journal.journal import KeepNumbering
from activities.journal.trim import TrimJournal, Trimmed
from tests.workflows.fakes.fake_activity import FakeActivity


class FakeJournal:
    def __init__(self) -> None:
        self.numbered = FakeActivity[KeepNumbering, int](lambda _: 0)
        self.trimmed = FakeActivity[TrimJournal, Trimmed](lambda _: Trimmed(0, is_done=True))

    @activity.defn(name="journal.number")
    async def number(self, command: KeepNumbering) -> int:
        return await self.numbered.call(command)

    @activity.defn(name="journal.trim")
    async def trim(self, command: TrimJournal) -> Trimmed:
        return await self.trimmed.call(command)

    def activities(self) -> Sequence[Callable[..., Any]]:
        """What the queue of the journal hosts."""
        return [self.number]
