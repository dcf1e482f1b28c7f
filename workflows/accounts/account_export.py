"""AccountExport: gather all that the system holds about a user, noun by noun, into a file only that user can read."""

from dataclasses import dataclass
from datetime import datetime

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.accounts.account_export import AccountExportActivities, BeginExport, FinishExport, GatherNoun
from domain.flows import FlowKind, FlowState, FlowView
from workflows.activity_options import BULK, STORE
from workflows.job_flow import JobFlow
from workflows.steps import run_activity, run_inline_activity


@dataclass(frozen=True)
class AccountExportInput:
    """All that the flow needs, so that an accepted start is durable. `device` and `address_prefix`: of the request."""

    flow_id: str
    user_id: str
    device: str
    address_prefix: str
    asked_at: datetime
    body_hash: str


@workflow.defn(name="AccountExport")
class AccountExport(JobFlow):
    """The export of one account; its key is the last part of the workflow id. Returns the closed flow."""

    @workflow.init
    def __init__(self, input: AccountExportInput) -> None:
        self._input = input
        super().__init__(input.flow_id, FlowKind.ACCOUNT_EXPORT, body_hash=input.body_hash)
        self._has_begun = False
        self._key = workflow.info().workflow_id.rpartition("/")[2]

    @workflow.run
    async def run(self, input: AccountExportInput) -> FlowView:
        """Gather the export, and drop it unless it completes. Its contents never pass through the workflow history."""
        try:
            await self._gather()
        except ActivityError:
            # A retry does not help: an operator removes the cause and resets the flow.
            self._state = FlowState.FAILED
        if self._state is not FlowState.COMPLETED:
            await run_activity(AccountExportActivities.drop, self._key, STORE)
        self._has_begun = True
        await self._close(user_id=input.user_id)
        return self._view()

    async def _ready(self) -> None:
        """Return once the owner of the export is recorded."""
        await workflow.wait_condition(lambda: self._has_begun)

    async def _gather(self) -> None:
        input = self._input
        begin = BeginExport(self._key, input.user_id, input.device, input.address_prefix, input.asked_at)
        nouns = await run_inline_activity(AccountExportActivities.begin, begin, STORE)
        self._has_begun = True
        for number, noun in enumerate(nouns):
            if not self._state.is_open:
                return
            gather = GatherNoun(self._key, input.user_id, noun, number, workflow.now())
            await run_activity(AccountExportActivities.gather, gather, BULK)
        await run_inline_activity(AccountExportActivities.finish, FinishExport(self._key, workflow.now()), STORE)
        if self._state.is_open:
            self._state = FlowState.COMPLETED
