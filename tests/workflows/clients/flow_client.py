"""A client of any flow, as the API is one: the steps that all kinds of flows have."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeVar

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowHandle,
    WorkflowUpdateHandle,
    WorkflowUpdateStage,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError
from temporalio.types import MethodAsyncSingleParam

from domain.codes import CodePurpose
from domain.flows import FlowKind, FlowView
from tests.support.keys import CODES, HASHES
from tests.support.polling import eventually
from tests.workflows.time_skipping import Clock
from workflows.activity_options import TASK_TIMEOUT
from workflows.flows import FlowAnswer, FlowCommand
from workflows.queues import Queue
from workflows.search_attributes import BLOCKED_ON, FLOW_STATE, flow_attributes

WRONG = "WRQNG2"
BODY = "body"
REQUEST_ID = "request-of-a-step"

Input = TypeVar("Input")


@dataclass
class FlowActor:
    """Each kind begins the flow by a step of its own; every other step needs it to have begun."""

    client: Client
    clock: Clock
    username: str = "ann_lee"
    email_address: str = "ann@people.test"
    code_life: timedelta = timedelta(minutes=10)
    flow_id: str = field(init=False)

    kind: ClassVar[FlowKind]
    purpose: ClassVar[CodePurpose]
    queue: ClassVar[Queue] = Queue.IDENTITY

    def __post_init__(self) -> None:
        self.flow_id = HASHES.new_flow_id(self.kind, None)

    @property
    def workflow_id(self) -> str:
        return f"{self.kind.replace('_', '-')}/{HASHES.workflow_key(self.flow_id)}"

    @property
    def flow(self) -> WorkflowHandle[Any, FlowView]:
        return self.client.get_workflow_handle(self.workflow_id, result_type=FlowView)

    def code(self, issue_no: int = 1) -> str:
        """The code in the mail of that issue."""
        return CODES.code(flow_id=self.flow_id, purpose=self.purpose, issue_no=issue_no, key_id=CODES.current_key_id)

    async def requests_resend(self) -> FlowAnswer:
        answer: FlowAnswer = await self.flow.execute_update("resend", await self._step(), result_type=FlowAnswer)
        return answer

    async def begins_to_request_resend(self) -> WorkflowUpdateHandle[FlowAnswer]:
        """Returns once the flow has accepted the step."""
        return await self.flow.start_update(
            "resend", await self._step(), wait_for_stage=WorkflowUpdateStage.ACCEPTED, result_type=FlowAnswer
        )

    async def waits_and_requests_resend(self, duration: timedelta) -> FlowAnswer:
        await self.clock.advance(duration)
        return await self.requests_resend()

    async def cancels(self) -> FlowAnswer:
        answer: FlowAnswer = await self.flow.execute_update("cancel", await self._step(), result_type=FlowAnswer)
        return answer

    async def begins_to_cancel(self) -> WorkflowUpdateHandle[FlowAnswer]:
        """Returns once the flow has accepted the step."""
        return await self.flow.start_update(
            "cancel", await self._step(), wait_for_stage=WorkflowUpdateStage.ACCEPTED, result_type=FlowAnswer
        )

    async def gets_status(self) -> FlowView:
        view: FlowView = await self.flow.query("look", result_type=FlowView)
        return view

    async def end(self) -> FlowView:
        return await self.flow.result()

    async def blocked_on(self) -> str | None:
        """What an operator sees: the server that the flow waits for."""
        return (await self.flow.describe()).typed_search_attributes.get(BLOCKED_ON)

    async def was_ever_blocked(self) -> bool:
        changes = [event.upsert_workflow_search_attributes_event_attributes for event in await self.events()]
        return any(BLOCKED_ON.name in change.search_attributes.indexed_fields for change in changes)

    async def listed_state(self) -> str | None:
        """What an operator sees: the state in the list of flows."""
        return (await self.flow.describe()).typed_search_attributes.get(FLOW_STATE)

    async def events(self) -> Sequence[HistoryEvent]:
        return (await self.flow.fetch_history()).events

    async def history_of(self, kind: "EventType.ValueType") -> Sequence[HistoryEvent]:
        """The flow's events of one kind."""
        return [event for event in await self.events() if event.event_type == kind]

    async def children(self) -> list[str]:
        """The types of the workflows that the flow has started, in their order."""
        started = await self.history_of(EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED)
        facts = [event.start_child_workflow_execution_initiated_event_attributes for event in started]
        return [fact.workflow_type.name for fact in facts]

    async def exists(self) -> None:
        """Wait until the server knows the flow."""
        await eventually(self._is_known)

    async def ended_at(self) -> datetime | None:
        """On the server's clock."""
        return (await self.flow.describe()).close_time

    async def _starts(
        self, run: MethodAsyncSingleParam[Any, Input, FlowView], input: Input, step: FlowCommand
    ) -> FlowAnswer:
        """Start the flow, in one call with the wait for the first answer."""
        start = WithStartWorkflowOperation(
            run,
            input,
            id=self.workflow_id,
            task_queue=self.queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            task_timeout=TASK_TIMEOUT,
            search_attributes=flow_attributes(self.kind, HASHES.subject_hash(self.email_address)),
            static_summary="A flow in a test",
        )
        answer: FlowAnswer = await self.client.execute_update_with_start_workflow(
            "begun", step, start_workflow_operation=start, id="begun", result_type=FlowAnswer
        )
        return answer

    async def _is_known(self) -> bool:
        try:
            await self.flow.describe()
        except RPCError:
            return False
        return True

    async def _step(self) -> FlowCommand:
        return FlowCommand(await self.clock.now(), BODY, REQUEST_ID)
