"""The API's way to flows: start one, take a step in one, look at one. Waits two seconds and no longer.

An answer within that time is the result. Without one the caller gets 202 with the flow, which goes on:
a start is durable once the server has it, a step once a worker has accepted it.
"""

import asyncio
from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
    WorkflowUpdateStage,
)
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.workflow import UpdateMethodMultiParam

from adapters.crypto.hashes import Hashes
from api.flows.answers import Answer, Ask, Judged, failure_named_by, granted
from api.flows.start import OWNER, Order, Start
from domain.errors import (
    DependencyUnavailable,
    FlowClosed,
    FlowNotFound,
    RateLimited,
)
from domain.flows import FLOWS, FlowKind, FlowState, FlowView, StartedBy, parse_flow_kind, refusal_of, workflow_id
from workflows.flows import FlowStep

PATIENCE = timedelta(seconds=2)
RETRY_AFTER_SECONDS = 2
BEGUN = "begun"
"""Update id of the wait for a start: one per flow, so a repeated start hears the first answer."""

CLOSED_STATES = {WorkflowExecutionStatus.CANCELED: FlowState.CANCELLED}
"""Ends that operators bring about have no result; all but a cancellation are failures."""


Question = TypeVar("Question", bound=Ask)
Result = TypeVar("Result")
Update = UpdateMethodMultiParam[[Any, Question], Answer]


class Flows:
    def __init__(self, temporal: Client, hashes: Hashes) -> None:
        self._temporal = temporal
        self._hashes = hashes

    async def start(self, start: Start[Order], begun: Update[FlowStep, Answer], now: datetime) -> FlowView:
        """Start a flow and wait for its first answer: how the flow looks then, or as running if it takes longer.

        `begun` is the flow's update that answers when it has begun. Raises the refusal in its answer,
        IdempotencyKeyReused, or DependencyUnavailable when the start is not known to have reached the server.
        """
        flow_id, ask = start.order.flow_id, FlowStep(now, start.order.body_hash)
        operation = start.under(self.workflow_id(flow_id))
        update = self._temporal.execute_update_with_start_workflow(
            begun, ask, start_workflow_operation=operation, id=BEGUN, rpc_timeout=PATIENCE
        )
        try:
            answer = await _in_time(update)
        except (WorkflowAlreadyStartedError, WorkflowUpdateFailedError):
            answer = None
        finally:
            await _hear_out(operation)
        if answer is None:
            await self._require_durable(flow_id)
            return running(flow_id)
        return granted(answer, ask).view

    async def begun_before(self, flow_id: str, request: str | None) -> bool:
        """Whether this request is one repeated: what it proved then may be used up by now."""
        if request is None:
            return False
        try:
            await self._status(self._handle(flow_id))
        except FlowNotFound:
            return False
        return True

    async def ask(
        self,
        flow_id: str,
        update: Update[Question, Answer],
        ask: Question,
        *,
        kind: FlowKind,
        update_id: str | None,
        owner: str | None = None,
    ) -> Answer | None:
        """Take a step in a flow of this kind. None: a worker has accepted it, and it goes on without us.

        `owner` is who asks, in a flow that obeys one person. Raises the refusal in the answer, the one of a closed
        flow, FlowNotFound (also for somebody else's), IdempotencyKeyReused, or DependencyUnavailable when no worker
        has accepted the step: then nothing has happened.
        """
        if parse_flow_kind(flow_id) is not kind:
            raise FlowNotFound
        flow = self._handle(flow_id)
        await self._require_owner(flow, kind, owner)
        try:
            answer = await _take_step(flow, update, ask, update_id)
        except RPCError as error:
            _require_closed(error)
            answer = await self._answer_of_closed(flow, update, update_id)
        except WorkflowUpdateFailedError as error:
            raise failure_named_by(error) from None
        return None if answer is None else granted(answer, ask)

    async def look(self, flow_id: str) -> FlowView:
        """What the flow shows of itself; from its result when it is over, and without a worker only that
        it runs. Raises FlowNotFound.
        """
        flow = self._handle(flow_id)
        status = await self._status(flow)
        if status is WorkflowExecutionStatus.COMPLETED:
            result: FlowView = await flow.result()
            return result
        if status is not WorkflowExecutionStatus.RUNNING:
            return FlowView(flow_id, parse_flow_kind(flow_id), CLOSED_STATES.get(status, FlowState.FAILED))
        try:
            view: FlowView = await flow.query("look", result_type=FlowView, rpc_timeout=PATIENCE)
        except (RPCError, WorkflowQueryFailedError):
            return running(flow_id)
        return view

    def workflow_id(self, flow_id: str) -> str:
        """What operators see: a hash stands for the flow id, which is a bearer secret. Raises FlowNotFound."""
        return workflow_id(parse_flow_kind(flow_id), self._hashes.workflow_key(flow_id))

    def _handle(self, flow_id: str) -> WorkflowHandle[Any, FlowView]:
        return self._temporal.get_workflow_handle(self.workflow_id(flow_id), result_type=FlowView)

    async def _require_owner(self, flow: WorkflowHandle[Any, FlowView], kind: FlowKind, owner: str | None) -> None:
        if FLOWS[kind].started_by is StartedBy.USER:
            description = await self._described(flow)
            if owner is None or await description.memo_value(OWNER, None, type_hint=str) != owner:
                raise FlowNotFound

    async def _status(self, flow: WorkflowHandle[Any, FlowView]) -> WorkflowExecutionStatus:
        return (await self._described(flow)).status or WorkflowExecutionStatus.FAILED

    async def _described(self, flow: WorkflowHandle[Any, FlowView]) -> WorkflowExecutionDescription:
        try:
            return await flow.describe(rpc_timeout=PATIENCE)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise FlowNotFound from None
            raise

    async def _require_durable(self, flow_id: str) -> None:
        try:
            await self._status(self._handle(flow_id))
        except FlowNotFound:
            raise DependencyUnavailable(retry_after=RETRY_AFTER_SECONDS) from None

    async def _answer_of_closed(
        self,
        flow: WorkflowHandle[Any, FlowView],
        update: UpdateMethodMultiParam[Any, Answer],
        update_id: str | None,
    ) -> Answer:
        """The answer that this very step got while the flow was open, if the request is a repeat.

        Raises why the flow is over for any other step, and FlowNotFound when there never was such a flow.
        """
        if await self._status(flow) is not WorkflowExecutionStatus.COMPLETED:
            raise FlowClosed
        answer = await _earlier_answer(flow, update, update_id) if update_id else None
        if answer is None:
            raise refusal_of((await flow.result()).state) or FlowClosed
        return answer


def running(flow_id: str) -> FlowView:
    """The flow as it shows itself while nobody has time for it."""
    return FlowView(flow_id, parse_flow_kind(flow_id), FlowState.RUNNING)


def view_after(answer: Judged | None, flow_id: str) -> FlowView:
    """The flow after a step: as its answer shows it, or as running while there is no answer yet."""
    return answer.view if answer else running(flow_id)


async def _take_step(
    flow: WorkflowHandle[Any, FlowView], update: Update[Question, Answer], ask: Question, update_id: str | None
) -> Answer | None:
    """The flow's answer, or None when a worker has accepted the step and takes longer.

    Raises DependencyUnavailable when no worker has, RPCError and WorkflowUpdateFailedError.
    """
    accepted = await _in_time(flow.start_update(update, ask, id=update_id, wait_for_stage=WorkflowUpdateStage.ACCEPTED))
    if accepted is None:
        raise DependencyUnavailable(retry_after=RETRY_AFTER_SECONDS)
    return await _in_time(accepted.result())


def _require_closed(error: RPCError) -> None:
    """Return if the server refused a step because the flow does not run. Raises what any other refusal means."""
    if error.status is RPCStatusCode.NOT_FOUND:
        return
    if error.status is RPCStatusCode.RESOURCE_EXHAUSTED:
        raise RateLimited(retry_after=1) from None
    if error.status is RPCStatusCode.FAILED_PRECONDITION:
        # The flow closed in the moment in which the step arrived; the server took neither. Nothing happened.
        raise DependencyUnavailable(retry_after=1) from None
    raise error


async def _earlier_answer(
    flow: WorkflowHandle[Any, FlowView], update: UpdateMethodMultiParam[Any, Answer], update_id: str
) -> Answer | None:
    """None: the flow knows no such step."""
    try:
        return await _in_time(flow.get_update_handle_for(update, update_id).result())
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise


async def _in_time(work: Awaitable[Result]) -> Result | None:
    """The result, or None after two seconds. The SDK turns our cancellation into an error of its own."""
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            return await work
    except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError):
        return None


async def _hear_out(operation: WithStartWorkflowOperation[Any, Any]) -> None:
    """A failed start leaves an error behind; unread, asyncio would complain about it later."""
    await asyncio.gather(operation.workflow_handle(), return_exceptions=True)
