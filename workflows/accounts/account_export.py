"""AccountExport: gathers all that the system holds about somebody, noun by noun, into a file for them alone."""

from dataclasses import dataclass
from datetime import datetime

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.accounts.account_export import AccountExportActivities, BeginExport, FinishExport, GatherNoun
from domain.errors import DecodeError
from domain.flows import FlowKind, FlowState, FlowView, refusal_of
from workflows.activity_options import BULK, STORE
from workflows.flows import FlowAnswer, FlowStep, settle
from workflows.handlers import update
from workflows.search_attributes import FLOW_STATE
from workflows.steps import quick_step, step


@dataclass(frozen=True)
class AccountExportOrder:
    """All that the flow needs, so that an accepted start is a durable one."""

    flow_id: str
    user_id: str
    device: str
    address_prefix: str
    asked_at: datetime
    body_hash: str


@workflow.defn(name="AccountExport")
class AccountExport:
    @workflow.init
    def __init__(self, order: AccountExportOrder) -> None:
        self._order = order
        self._state = FlowState.RUNNING
        self._has_begun = False
        self._key = workflow.info().workflow_id.rpartition("/")[2]

    @workflow.run
    async def run(self, order: AccountExportOrder) -> FlowView:
        """Gathered noun by noun. What is in it goes from store to store, and never through here."""
        try:
            await self._gather()
        except ActivityError:
            # No further try can mend it: an operator removes the cause and resets the flow.
            self._state = FlowState.FAILED
        if self._state is not FlowState.COMPLETED:
            await step(AccountExportActivities.drop, self._key, STORE)
        self._has_begun = True
        workflow.upsert_search_attributes([FLOW_STATE.value_set(self._state)])
        await settle()
        return self._view()

    @update(name="begun")
    async def begun(self, ask: FlowStep) -> FlowAnswer:
        """Answers once it is written down whose the export is."""
        await workflow.wait_condition(lambda: self._has_begun)
        return self._answer(self._order.body_hash, None)

    @update(name="cancel")
    async def cancel(self, ask: FlowStep) -> FlowAnswer:
        """Gather no further, and drop what there is."""
        refusal = refusal_of(self._state)
        if refusal is None:
            self._state = FlowState.CANCELLED
        return self._answer(ask.body_hash, refusal)

    @workflow.query(name="look")
    def look(self) -> FlowView:
        return self._view()

    async def _gather(self) -> None:
        order = self._order
        begin = BeginExport(self._key, order.user_id, order.device, order.address_prefix, order.asked_at)
        nouns = await quick_step(AccountExportActivities.begin, begin, STORE)
        self._has_begun = True
        for number, noun in enumerate(nouns):
            if not self._state.is_open:
                return
            gather = GatherNoun(self._key, order.user_id, noun, number, workflow.now())
            await step(AccountExportActivities.gather, gather, BULK)
        await quick_step(AccountExportActivities.finish, FinishExport(self._key, workflow.now()), STORE)
        if self._state.is_open:
            self._state = FlowState.COMPLETED

    def _answer(self, body_hash: str, refusal: type[DecodeError] | None) -> FlowAnswer:
        return FlowAnswer(self._view(), body_hash, refusal.__name__ if refusal else None)

    def _view(self) -> FlowView:
        return FlowView(self._order.flow_id, FlowKind.ACCOUNT_EXPORT, self._state)
