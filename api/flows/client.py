"""The API's client for flows: start one, send it an update, read its status. Waits two seconds at most for each answer
of Temporal.

A reply within that time is the result. Otherwise the caller gets 202 with the flow, which continues:
a start is durable once the server has it, an update once a worker has accepted it. Until then it may happen or be lost,
and the caller gets 503 (docs/decisions/0061-a-step-no-worker-has-accepted-may-happen.md).
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

from adapters.crypto.keyed_hashes import KeyedHashes
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
"""Update id of the wait for a start: one per flow, so that a repeated start gets the first reply."""

CLOSED_STATES = {WorkflowExecutionStatus.CANCELED: FlowState.CANCELLED}
"""Workflows closed by operators have no result; all but a cancellation count as failed."""


Command = TypeVar("Command", bound=HasBodyHash)
Result = TypeVar("Result")
Report = TypeVar("Report", bound=FlowView)
Update = UpdateMethodMultiParam[[Any, Command], Answer]


class FlowClient:
    """Starts flows and sends them updates, by flow id."""

    def __init__(self, temporal: Client, hashes: KeyedHashes) -> None:
        self._temporal = temporal
        self._hashes = hashes

    async def start(
        self, start: FlowStart[Input], wait_started: Update[FlowCommand, Answer], now: datetime
    ) -> FlowView:
        """Start a flow and return its first view, or a running view if it takes longer than two seconds.

        `wait_started` is the flow's update that replies when it has begun. Raises the refusal in its reply,
        IdempotencyKeyReused, or DependencyUnavailable when the start is not known to have reached the server.
        """
        flow_id, ask = start.input.flow_id, FlowCommand(now, start.input.body_hash)
        operation = start.operation(self.workflow_id(flow_id))
        update = self._temporal.execute_update_with_start_workflow(
            wait_started, ask, start_workflow_operation=operation, id=START_UPDATE_ID, rpc_timeout=RPC_TIMEOUT
        )
        try:
            answer = await within_timeout(update)
        except (WorkflowAlreadyStartedError, WorkflowUpdateFailedError):
            answer = None
        finally:
            await retrieve_exception(operation)
        if answer is None:
            await self._require_durable(flow_id)
            return running_view(flow_id)
        return granted(answer, ask).view

    async def has_started(self, flow_id: str, request_key: str | None) -> bool:
        """Whether this request is a repeat whose flow exists: the first request may have consumed its proofs."""
        if request_key is None:
            return False
        try:
            await self._status(self._handle(flow_id))
        except FlowNotFound:
            return False
        return True

    async def find_started(
        self, flow_id: str, request_key: str | None, wait_started: Update[FlowCommand, Answer], ask: FlowCommand
    ) -> FlowView | None:
        """Return the reply to an earlier start with this request's key, as `start` does; None if there was no start.

        Raises the refusal in the reply, or IdempotencyKeyReused.
        """
        if not await self.has_started(flow_id, request_key):
            return None
        answer = await _earlier_reply(self._handle(flow_id), wait_started, START_UPDATE_ID)
        return granted(answer, ask).view if answer else running_view(flow_id)

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
        """Send an update to a flow of this kind and return its reply. None: a worker has accepted it and still runs it.

        `user_id`: the caller, for a flow that only its owner may update. Raises the refusal in the reply, that of a
        closed flow, FlowNotFound (also for another user's flow), IdempotencyKeyReused, or DependencyUnavailable when
        no worker has accepted the update: it may still happen, and a repeat with the same `update_id` joins it.
        """
        if parse_flow_kind(flow_id) is not kind:
            raise FlowNotFound
        flow = self._handle(flow_id)
        await self._require_owner(flow, kind, user_id)
        try:
            answer = await _send_update(flow, update, command, update_id)
        except RPCError as error:
            _require_closed(error)
            answer = await self._reply_of_closed(flow, update, update_id)
        except WorkflowUpdateFailedError as error:
            raise failure_named_by(error) from None
        return None if answer is None else granted(answer, command)

    async def get_status(self, flow_id: str) -> FlowView:
        """Return the flow's view: from its result when it is closed, and without a worker only that it is running.

        Raises FlowNotFound.
        """
        return await self.get_report(flow_id, FlowView)

    async def get_report(self, flow_id: str, report: type[Report]) -> Report:
        """Return the flow's view as this class, which has more than the state of its kind. Raises FlowNotFound."""
        flow = self._temporal.get_workflow_handle(self.workflow_id(flow_id), result_type=report)
        status = await self._status(flow)
        if status is WorkflowExecutionStatus.COMPLETED:
            result: Report = await flow.result()
            return result
        kind = parse_flow_kind(flow_id)
        if status is not WorkflowExecutionStatus.RUNNING:
            return report(flow_id, kind, CLOSED_STATES.get(status, FlowState.FAILED))
        try:
            view: Report = await flow.query("look", result_type=report, rpc_timeout=RPC_TIMEOUT)
        except (RPCError, WorkflowQueryFailedError):
            return report(flow_id, kind, FlowState.RUNNING)
        return view

    def workflow_id(self, flow_id: str) -> str:
        """Return the workflow id. Operators see it, so it has a hash in place of the flow id, which is a bearer secret.

        Raises FlowNotFound.
        """
        return build_workflow_id(parse_flow_kind(flow_id), self._hashes.workflow_key(flow_id))

    def _handle(self, flow_id: str) -> WorkflowHandle[Any, FlowView]:
        return self._temporal.get_workflow_handle(self.workflow_id(flow_id), result_type=FlowView)

    async def _require_owner(self, flow: WorkflowHandle[Any, FlowView], kind: FlowKind, user_id: str | None) -> None:
        """Raise FlowNotFound unless `user_id` owns the flow, where a flow of this kind has an owner."""
        if FLOWS[kind].started_by is StartedBy.USER:
            description = await self._describe(flow)
            if user_id is None or await description.memo_value(OWNER_MEMO_KEY, None, type_hint=str) != user_id:
                raise FlowNotFound

    async def _status(self, flow: WorkflowHandle[Any, FlowView]) -> WorkflowExecutionStatus:
        return (await self._describe(flow)).status or WorkflowExecutionStatus.FAILED

    async def _describe(self, flow: WorkflowHandle[Any, FlowView]) -> WorkflowExecutionDescription:
        """Raises FlowNotFound, and RPCError while Temporal is unavailable."""
        try:
            return await flow.describe(rpc_timeout=RPC_TIMEOUT)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise FlowNotFound from None
            raise

    async def _require_durable(self, flow_id: str) -> None:
        """Raise DependencyUnavailable unless the server knows the flow."""
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
        """Return the reply that this update got while the flow was open, if the request is a repeat.

        Raises the reason why the flow is closed for any other update, and FlowNotFound if there was no such flow.
        """
        if await self._status(flow) is not WorkflowExecutionStatus.COMPLETED:
            raise FlowClosed
        answer = await _earlier_reply(flow, update, update_id) if update_id else None
        if answer is None:
            raise refusal_for_state((await flow.result()).state) or FlowClosed
        return answer


def running_view(flow_id: str) -> FlowView:
    """Return the view of a flow that is running and whose state is not known yet."""
    return FlowView(flow_id, parse_flow_kind(flow_id), FlowState.RUNNING)


def view_after(answer: FlowReply | None, flow_id: str) -> FlowView:
    """Return the view in the reply, or a running view while there is no reply yet."""
    return answer.view if answer else running_view(flow_id)


async def _send_update(
    flow: WorkflowHandle[Any, FlowView], update: Update[Command, Answer], command: Command, update_id: str | None
) -> Answer | None:
    """Return the reply, or None when a worker has accepted the update and takes longer than two seconds.

    Raises DependencyUnavailable when no worker has accepted it, RPCError and WorkflowUpdateFailedError.
    """
    accepted = await within_timeout(
        flow.start_update(update, command, id=update_id, wait_for_stage=WorkflowUpdateStage.ACCEPTED)
    )
    if accepted is None:
        raise DependencyUnavailable(retry_after=RETRY_AFTER_SECONDS)
    return await within_timeout(accepted.result())


def _require_closed(error: RPCError) -> None:
    """Return if the server refused an update because the flow is not running. Otherwise raise what `error` means."""
    if error.status is RPCStatusCode.NOT_FOUND:
        return
    if error.status is RPCStatusCode.RESOURCE_EXHAUSTED:
        raise RateLimited(retry_after=1) from None
    if error.status is RPCStatusCode.FAILED_PRECONDITION:
        # The flow closed as the update arrived; the server rejected it, so it had no effect.
        raise DependencyUnavailable(retry_after=1) from None
    raise error


async def _earlier_reply(
    flow: WorkflowHandle[Any, FlowView], update: UpdateMethodMultiParam[Any, Answer], update_id: str
) -> Answer | None:
    """Return the reply to an earlier update; None if the flow has no such update, or it takes too long."""
    try:
        return await within_timeout(flow.get_update_handle_for(update, update_id).result())
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise


async def within_timeout(work: Awaitable[Result]) -> Result | None:
    """Return the result, or None after two seconds. The SDK turns the cancellation into an error of its own."""
    try:
        async with asyncio.timeout(RPC_TIMEOUT.total_seconds()):
            return await work
    except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError):
        return None


async def retrieve_exception(operation: WithStartWorkflowOperation[Any, Any]) -> None:
    """Retrieve the exception of a failed start, or asyncio logs it later as never retrieved."""
    await asyncio.gather(operation.workflow_handle(), return_exceptions=True)
