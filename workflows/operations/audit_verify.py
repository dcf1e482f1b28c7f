"""AuditVerify: every night, and on an admin's request, verify the journal; tell the auditors if it is broken."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.operations.audit_verify import AuditVerifyActivities, ReportVerified, Verified, VerifyJournal
from domain.flows import FlowKind, FlowState, FlowView
from workflows.activity_options import BULK, STORE
from workflows.delivery.mail import send_mail
from workflows.job_flow import JobFlow
from workflows.steps import run_activity

SUMMARY = "Verifies the journal against its checkpoints"
DEADLINE = timedelta(hours=6)
VERIFICATION = replace(BULK, start_to_close=DEADLINE)
"""One attempt verifies all; its heartbeats say how far it is."""


@dataclass(frozen=True)
class VerifyInput:
    """The numbers to verify, by default all. `user_id`: who asked, None for the nightly run, which is no client's."""

    flow_id: str = ""
    body_hash: str = ""
    user_id: str | None = None
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True)
class VerifyReport(FlowView):
    """The flow and its result: None until it is there."""

    found: Verified | None = None


@workflow.defn(name="AuditVerify")
class AuditVerify(JobFlow):
    """One verification of the journal. It is completed with its result, whichever that is."""

    @workflow.init
    def __init__(self, input: VerifyInput) -> None:
        super().__init__(input.flow_id, FlowKind.AUDIT_VERIFY, body_hash=input.body_hash)
        self._found: Verified | None = None

    @workflow.run
    async def run(self, input: VerifyInput) -> VerifyReport:
        """Verify, then record what was found and mail it. Fails if that takes longer than the deadline."""
        try:
            await self._verify(input)
        except ActivityError:
            # A retry does not help, or there is no time for one: the next night verifies again.
            self._state = FlowState.FAILED
        await self._close()
        return self.get_status()

    @workflow.query(name="look")
    def get_status(self) -> VerifyReport:
        """Return the flow's state and its result."""
        return VerifyReport(self._flow_id, self._kind, self._state, found=self._found)

    async def _verify(self, input: VerifyInput) -> None:
        command, give_up_at = VerifyJournal(input.first, input.last), workflow.now() + DEADLINE
        verifying = asyncio.create_task(
            run_activity(AuditVerifyActivities.verify, command, VERIFICATION, give_up_at=give_up_at)
        )
        await workflow.wait_condition(lambda: verifying.done() or not self._state.is_open)
        if not self._state.is_open:
            verifying.cancel()
            await asyncio.gather(verifying, return_exceptions=True)
            return
        self._found = found = await verifying
        owner = workflow.info().workflow_id
        report = ReportVerified(owner, workflow.now(), found, input.user_id, input.first, input.last)
        for mail in await run_activity(AuditVerifyActivities.report, report, STORE):
            await send_mail(mail)
        self._state = FlowState.COMPLETED
