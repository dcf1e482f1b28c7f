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

from adapters.crypto.hashes import KeyedHashes
from api.flows.answers import Answer, FlowReply, HasBodyHash, failure_named_by, granted
from api.flows.start import OWNER_MEMO_KEY, FlowStart, Input
from domain.errors import (
    DependencyUnavailable,
    FlowClosed,
    FlowNotFound,
    RateLimited,
)
from domain.flows import (
    FLOWS,
    FlowKind,
    FlowState,
    FlowView,
    StartedBy,
    build_workflow_id,
    parse_flow_kind,
    refusal_for_state,
)
from workflows.flows import FlowCommand

RPC_TIMEOUT = timedelta(seconds=2)
RETRY_AFTER_SECONDS = 2
START_UPDATE_ID = "begun"
"""Update id of the wait for a start: one per flow, so a repeated start hears the first answer."""

CLOSED_STATES = {WorkflowExecutionStatus.CANCELED: FlowState.CANCELLED}
"""Ends that operators bring about have no result; all but a cancellation are failures."""


Command = TypeVar("Command", bound=HasBodyHash)
Result = TypeVar("Result")
Update = UpdateMethodMultiParam[[Any, Command], Answer]


class FlowClient:
    def __init__(self, temporal: Client, hashes: KeyedHashes) -> None:
        self._temporal = temporal
        self._hashes = hashes

    async def start(
        self, start: FlowStart[Input], wait_started: Update[FlowCommand, Answer], now: datetime
    ) -> FlowView:
        """Start a flow and wait for its first answer: how the flow looks then, or as running if it takes longer.

        `wait_started` is the flow's update that answers when it has begun. Raises the refusal in its answer,
        IdempotencyKeyReused, or DependencyUnavailable when the start is not known to have reached the server.
        """
        flow_id, ask = start.input.flow_id, FlowCommand(now, start.input.body_hash)
        operation = start.operation(self.workflow_id(flow_id))
        update = self._temporal.execute_update_with_start_workflow(
            wait_started, ask, start_workflow_operation=operation, id=START_UPDATE_ID, rpc_timeout=RPC_TIMEOUT
        )
        try:
            answer = await _within_timeout(update)
        except (WorkflowAlreadyStartedError, WorkflowUpdateFailedError):
            answer = None
        finally:
            await _retrieve_exception(operation)
        if answer is None:
            await self._require_durable(flow_id)
            return running_view(flow_id)
        return granted(answer, ask).view

    async def has_started(self, flow_id: str, request_key: str | None) -> bool:
        """Whether this request is one repeated: what it proved then may be used up by now."""
        if request_key is None:
            return False
        try:
            await self._status(self._handle(flow_id))
        except FlowNotFound:
            return False
        return True

    async def send_update(
        self,
        flow_id: str,
        update: Update[Command, Answer],
        command: Command,
        *,
        kind: FlowKind,
        update_id: str | None,
        user_id: str | None = None,
    ) -> Answer | None:
        """Take a step in a flow of this kind. None: a worker has accepted it, and it goes on without us.

        `user_id` is who asks, in a flow that obeys one person. Raises the refusal in the answer, the one of a closed
        flow, FlowNotFound (also for somebody else's), IdempotencyKeyReused, or DependencyUnavailable when no worker
        has accepted the step: then nothing has happened.
        """
        if parse_flow_kind(flow_id) is not kind:
            raise FlowNotFound
        flow = self._handle(flow_id)
        await self._require_owner(flow, kind, user_id)
        try:
            answer = await _take_step(flow, update, command, update_id)
        except RPCError as error:
            _require_closed(error)
            answer = await self._reply_of_closed(flow, update, update_id)
        except WorkflowUpdateFailedError as error:
            raise failure_named_by(error) from None
        return None if answer is None else granted(answer, command)

    async def get_status(self, flow_id: str) -> FlowView:
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
            view: FlowView = await flow.query("look", result_type=FlowView, rpc_timeout=RPC_TIMEOUT)
        except (RPCError, WorkflowQueryFailedError):
            return running_view(flow_id)
        return view

    def workflow_id(self, flow_id: str) -> str:
        """What operators see: a hash stands for the flow id, which is a bearer secret. Raises FlowNotFound."""
        return build_workflow_id(parse_flow_kind(flow_id), self._hashes.workflow_key(flow_id))

    def _handle(self, flow_id: str) -> WorkflowHandle[Any, FlowView]:
        return self._temporal.get_workflow_handle(self.workflow_id(flow_id), result_type=FlowView)

    async def _require_owner(self, flow: WorkflowHandle[Any, FlowView], kind: FlowKind, user_id: str | None) -> None:
        if FLOWS[kind].started_by is StartedBy.USER:
            description = await self._described(flow)
            if user_id is None or await description.memo_value(OWNER_MEMO_KEY, None, type_hint=str) != user_id:
                raise FlowNotFound

    async def _status(self, flow: WorkflowHandle[Any, FlowView]) -> WorkflowExecutionStatus:
        return (await self._described(flow)).status or WorkflowExecutionStatus.FAILED

    async def _described(self, flow: WorkflowHandle[Any, FlowView]) -> WorkflowExecutionDescription:
        try:
            return await flow.describe(rpc_timeout=RPC_TIMEOUT)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise FlowNotFound from None
            raise

    async def _require_durable(self, flow_id: str) -> None:
        try:
            await self._status(self._handle(flow_id))
        except FlowNotFound:
            raise DependencyUnavailable(retry_after=RETRY_AFTER_SECONDS) from None

    async def _reply_of_closed(
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
        answer = await _earlier_reply(flow, update, update_id) if update_id else None
        if answer is None:
            raise refusal_for_state((await flow.result()).state) or FlowClosed
        return answer


def running_view(flow_id: str) -> FlowView:
    """The flow as it shows itself while nobody has time for it."""
    return FlowView(flow_id, parse_flow_kind(flow_id), FlowState.RUNNING)


def view_after(answer: FlowReply | None, flow_id: str) -> FlowView:
    """The flow after a step: as its answer shows it, or as running while there is no answer yet."""
    return answer.view if answer else running_view(flow_id)


async def _take_step(
    flow: WorkflowHandle[Any, FlowView], update: Update[Command, Answer], command: Command, update_id: str | None
) -> Answer | None:
    """The flow's answer, or None when a worker has accepted the step and takes longer.

    Raises DependencyUnavailable when no worker has, RPCError and WorkflowUpdateFailedError.
    """
    accepted = await _within_timeout(
        flow.start_update(update, command, id=update_id, wait_for_stage=WorkflowUpdateStage.ACCEPTED)
    )
    if accepted is None:
        raise DependencyUnavailable(retry_after=RETRY_AFTER_SECONDS)
    return await _within_timeout(accepted.result())


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


async def _earlier_reply(
    flow: WorkflowHandle[Any, FlowView], update: UpdateMethodMultiParam[Any, Answer], update_id: str
) -> Answer | None:
    """None: the flow knows no such step."""
    try:
        return await _within_timeout(flow.get_update_handle_for(update, update_id).result())
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise


async def _within_timeout(work: Awaitable[Result]) -> Result | None:
    """The result, or None after two seconds. The SDK turns our cancellation into an error of its own."""
    try:
        async with asyncio.timeout(RPC_TIMEOUT.total_seconds()):
            return await work
    except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError):
        return None


async def _retrieve_exception(operation: WithStartWorkflowOperation[Any, Any]) -> None:
    """A failed start leaves an error behind; unread, asyncio would complain about it later."""
    await asyncio.gather(operation.workflow_handle(), return_exceptions=True)
