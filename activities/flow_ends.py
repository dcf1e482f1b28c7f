"""Tells the journal how a flow ended, for every flow whose last transaction has not told it."""

from typing import TYPE_CHECKING

from temporalio import activity

from domain.journal.flow_ends import FlowEnd, flow_ended

if TYPE_CHECKING:
    from adapters.mongo.journal.occurrences import OccurrenceStore


class FlowEndActivities:
    """The activity that all flows share for their ends."""

    def __init__(self, occurrences: "OccurrenceStore") -> None:
        self._occurrences = occurrences

    @activity.defn(name="flows.record_end")
    async def record(self, end: FlowEnd) -> None:
        """Record the occurrence. Idempotent, also after a reset of the flow."""
        await self._occurrences.record(flow_ended(end))
