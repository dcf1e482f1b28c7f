"""The export of a journal of 1 000 entries, in two chunks."""

from collections.abc import Callable, Sequence
from typing import Any

from temporalio import activity

from activities.journal.audit_export import BeginAuditExport, ExportPlace, FinishAuditExport, GatherEntries
from domain.journal.export_lines import ExportRange
from tests.workflows.fakes.fake_activity import FakeActivity


def next_place(command: GatherEntries) -> ExportPlace:
    number = command.place.number + 1
    return ExportPlace(number, after=500 * number, entries=500 * number, is_end=number == 2)


class FakeAuditExport:
    def __init__(self) -> None:
        self.begun = FakeActivity[BeginAuditExport, ExportRange](lambda begin: ExportRange(1, 1_000, begin.at))
        self.gathered = FakeActivity[GatherEntries, ExportPlace](next_place)
        self.finished = FakeActivity[FinishAuditExport, None](lambda _: None)
        self.dropped = FakeActivity[str, None](lambda _: None)

    def activities(self) -> Sequence[Callable[..., Any]]:
        return [self.begin, self.gather, self.finish, self.drop]

    @activity.defn(name="audit_export.begin")
    async def begin(self, command: BeginAuditExport) -> ExportRange:
        return await self.begun.call(command)

    @activity.defn(name="audit_export.gather")
    async def gather(self, command: GatherEntries) -> ExportPlace:
        return await self.gathered.call(command)

    @activity.defn(name="audit_export.finish")
    async def finish(self, command: FinishAuditExport) -> None:
        return await self.finished.call(command)

    @activity.defn(name="audit_export.drop")
    async def drop(self, command: str) -> None:
        return await self.dropped.call(command)
