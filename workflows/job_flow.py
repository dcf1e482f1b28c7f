"""The base of flows that wait for no user input: they can be cancelled between two pieces of work."""

from temporalio import workflow

from domain.errors import DecodeError
from domain.flows import FlowKind, FlowState, FlowView, refusal_for_cancel
from domain.journal.flow_ends import FlowRef
from workflows.flows import FlowAnswer, FlowCommand, record_end
from workflows.handlers import update
from workflows.search_attributes import FLOW_STATE


class JobFlow:
    """A flow without user input. `body_hash`: the hash of the start request's body."""

    def __init__(self, flow_id: str, kind: FlowKind, *, body_hash: str) -> None:
        self._flow_id = flow_id
        self._kind = kind
        self._body_hash = body_hash
        self._state = FlowState.RUNNING
        self._cancelled_by: str | None = None

    @update(name="begun")
    async def wait_started(self, command: FlowCommand) -> FlowAnswer:
        """Answer as soon as the job has started."""
        await self._ready()
        return self._answer(self._body_hash, None)

    @update(name="cancel")
    async def cancel(self, command: FlowCommand) -> FlowAnswer:
        """Cancel the job: it starts no further piece of work."""
        refusal = refusal_for_cancel(self._state)
        if self._state.is_open:
            self._state, self._cancelled_by = FlowState.CANCELLED, command.request_id
        return self._answer(command.body_hash, refusal)

    @workflow.query(name="look")
    def get_status(self) -> FlowView:
        """Return the job's state, as clients see it."""
        return self._view()

    async def _ready(self) -> None:
        """Return once the job has started: at once, unless a subclass overrides it."""

    async def _close(self, *, user_id: str | None = None) -> None:
        """Write the final state to the search attributes and the journal, and deliver all answers. `user_id`: as in
        FlowEnd.
        """
        workflow.upsert_search_attributes([FLOW_STATE.value_set(self._state)])
        flow = FlowRef(self._kind, workflow.info().workflow_id)
        await record_end(flow, self._state, user_id=user_id, request_id=self._cancelled_by)

    def _answer(self, body_hash: str, refusal: type[DecodeError] | None) -> FlowAnswer:
        return FlowAnswer(self._view(), body_hash, refusal.__name__ if refusal else None)

    def _view(self) -> FlowView:
        return FlowView(self._flow_id, self._kind, self._state)
