"""ToolCall: run one tool that a user's own client calls. The words of the call are in its document, not here."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, RetryState, TimeoutType, is_cancelled_exception
from temporalio.exceptions import TimeoutError as ActivityTimeout

from activities.assistant.tool_calls import GiveUpToolCall, RunToolCall, ToolCallActivities
from workflows.activity_options import STORE, TOOL
from workflows.handlers import update
from workflows.steps import MIN_TIMEOUT, run_activity, run_inline_activity

STORING = timedelta(seconds=5)
"""Beyond the limit of a tool, which the activity itself keeps: to read the call and to store its result."""
TIMED_OUT = "TimeoutError"
"""The type of the failure when a tool has not ended in time."""


@dataclass(frozen=True)
class ToolCallInput:
    """`call_key`: the id of the call's document. `attempts`, `timeout_seconds`: as the tool is defined."""

    call_key: str
    attempts: int
    timeout_seconds: float


def tool_call_workflow_id(call_hash: str) -> str:
    """Return the workflow id. `call_hash`: the keyed hash of the user id and the id of the call."""
    return f"tool-call/{call_hash}"


async def run_tool(input: ToolCallInput, *, give_up_at: datetime | None = None) -> None:
    """Run a stored call, until `give_up_at` at most. When this returns the call has a result, whatever became of the
    tool.

    Only a cancellation is raised.
    """
    try:
        await workflow.execute_activity_method(
            ToolCallActivities.run,
            RunToolCall(input.call_key),
            start_to_close_timeout=timedelta(seconds=input.timeout_seconds) + STORING,
            schedule_to_close_timeout=max(give_up_at - workflow.now(), MIN_TIMEOUT) if give_up_at else None,
            heartbeat_timeout=TOOL.heartbeat,
            retry_policy=RetryPolicy(
                initial_interval=TOOL.first_pause,
                maximum_interval=TOOL.longest_pause,
                maximum_attempts=input.attempts,
            ),
        )
    except ActivityError as error:
        if is_cancelled_exception(error):
            raise
        lost = GiveUpToolCall(input.call_key, has_timed_out=_has_timed_out(error))
        await run_activity(ToolCallActivities.give_up, lost, STORE)


async def cut_off(running: "asyncio.Task[None]", call_key: str) -> None:
    """Cancel a call that runs, since its user has stopped the answer. When this returns it has a result."""
    running.cancel()
    with suppress(ActivityError):
        await running
    stopped = GiveUpToolCall(call_key, has_timed_out=False, is_stopped=True)
    await run_inline_activity(ToolCallActivities.give_up, stopped, STORE)


@workflow.defn(name="ToolCall")
class ToolCall:
    """One call. It always ends, with the result in the call's document."""

    def __init__(self) -> None:
        self._is_done = False

    @workflow.run
    async def run(self, input: ToolCallInput) -> None:
        """Run the tool."""
        await run_tool(input)
        self._is_done = True
        await workflow.wait_condition(workflow.all_handlers_finished)

    @update(name="finished")
    async def wait_finished(self) -> None:
        """Return when the call has a result."""
        await workflow.wait_condition(lambda: self._is_done)


def _has_timed_out(error: ActivityError) -> bool:
    """Whether the tool took too long; a missed heartbeat means that its worker died."""
    if error.retry_state is RetryState.TIMEOUT:
        return True
    cause = error.cause
    if isinstance(cause, ActivityTimeout):
        return cause.type is TimeoutType.START_TO_CLOSE
    return isinstance(cause, ApplicationError) and cause.type == TIMED_OUT
