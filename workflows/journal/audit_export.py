"""AuditExport: gather the journal, or what a filter asks for, into a file that only the user who asked can read."""

from dataclasses import dataclass
from datetime import datetime

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.journal.audit_export import (
    AuditExportActivities,
    BeginAuditExport,
    ExportPlace,
    FinishAuditExport,
    GatherEntries,
)
from domain.flows import FlowKind, FlowState, FlowView
from domain.journal.audit import AuditFilter
from workflows.activity_options import BULK, STORE
from workflows.job_flow import JobFlow
from workflows.steps import run_activity, run_inline_activity


@dataclass(frozen=True)
class AuditExportInput:
    """All that the flow needs, so that an accepted start is durable. `device` and `address_prefix`: of the request."""

    flow_id: str
    user_id: str
    filter: AuditFilter
    device: str
    address_prefix: str
    asked_at: datetime
    body_hash: str


@workflow.defn(name="AuditExport")
class AuditExport(JobFlow):
    """One export of the journal; its key is the last part of the workflow id. Returns the closed flow."""

    @workflow.init
    def __init__(self, input: AuditExportInput) -> None:
        self._input = input
        super().__init__(input.flow_id, FlowKind.AUDIT_EXPORT, body_hash=input.body_hash)
        self._has_begun = False
        self._key = workflow.info().workflow_id.rpartition("/")[2]

    @workflow.run
    async def run(self, input: AuditExportInput) -> FlowView:
        """Gather the file, and drop it unless it completes. Its contents never pass through the workflow history."""
        try:
            await self._gather()
        except ActivityError:
            # A retry does not help: an operator removes the cause and resets the flow.
            self._state = FlowState.FAILED
        if self._state is not FlowState.COMPLETED:
            await run_activity(AuditExportActivities.drop, self._key, STORE)
        self._has_begun = True
        await self._close()
        return self._view()

    async def _ready(self) -> None:
        """Return once it is recorded who exports what."""
        await workflow.wait_condition(lambda: self._has_begun)

    async def _gather(self) -> None:
        input = self._input
        begin = BeginAuditExport(
            self._key, input.user_id, input.filter, input.device, input.address_prefix, input.asked_at
        )
        covered = await run_inline_activity(AuditExportActivities.begin, begin, STORE)
        self._has_begun = True
        # One less than the first: a checkpoint of the number before it is in the file too.
        place = ExportPlace(number=0, after=covered.first - 2)
        while self._state.is_open and not place.is_end:
            gather = GatherEntries(self._key, input.user_id, input.filter, covered, place, workflow.now())
            place = await run_activity(AuditExportActivities.gather, gather, BULK)
        if self._state.is_open:
            finish = FinishAuditExport(self._key, workflow.now())
            await run_inline_activity(AuditExportActivities.finish, finish, STORE)
        if self._state.is_open:
            self._state = FlowState.COMPLETED
