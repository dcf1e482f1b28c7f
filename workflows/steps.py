"""One step of a flow: retried a few times quietly, then shown as blocked, and never given up without a deadline."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, RetryState, is_cancelled_exception

from workflows.activity_options import MAX_QUIET_ATTEMPTS, ActivityOptions
from workflows.search_attributes import BLOCKED_ON, BlockedOn

Command = TypeVar("Command")
Result = TypeVar("Result")
Activity = Callable[[Any, Command], Awaitable[Result]]

MIN_TIMEOUT = timedelta(seconds=1)
"""A step whose deadline has just passed is still tried once: Temporal accepts no negative time-out."""


async def run_activity(
    activity: Activity[Command, Result],
    command: Command,
    options: ActivityOptions,
    *,
    give_up_at: datetime | None = None,
) -> Result:
    """Run an activity until it succeeds. After five failures the flow has `BlockedOn` set until it succeeds.

    Raises ActivityError for a permanent failure, or once `give_up_at` has passed.
    """
    try:
        return await _execute(activity, command, options, attempts=MAX_QUIET_ATTEMPTS, give_up_at=give_up_at)
    except ActivityError as error:
        if not _is_retryable(error):
            raise
        blocked_on = _blocked_on(error, options)
    workflow.upsert_search_attributes([BLOCKED_ON.value_set(blocked_on)])
    try:
        return await _execute(activity, command, options, attempts=0, give_up_at=give_up_at)
    finally:
        workflow.upsert_search_attributes([BLOCKED_ON.value_unset()])


async def try_activity(
    activity: Activity[Command, Result],
    command: Command,
    options: ActivityOptions,
    *,
    give_up_at: datetime | None = None,
) -> Result | None:
    """Run an activity once, started at the latest at `give_up_at`. Returns None if it failed or got no answer."""
    try:
        return await _execute(activity, command, options, attempts=1, give_up_at=give_up_at)
    except ActivityError as error:
        if is_cancelled_exception(error):
            raise
        return None


async def run_inline_activity(
    activity: Activity[Command, Result],
    command: Command,
    options: ActivityOptions,
    *,
    give_up_at: datetime | None = None,
) -> Result:
    """Run a short idempotent store write: once as a local activity, after a failure by `run_activity`.

    A local activity saves the round trip to the server (about 6 ms) while a caller waits. Raises ActivityError.
    """
    try:
        return await workflow.execute_local_activity_method(
            activity,
            command,
            start_to_close_timeout=options.start_to_close,
            retry_policy=RetryPolicy(maximum_attempts=1),
        )
    except (ActivityError, ApplicationError) as error:
        # The SDK raises a local activity's own failure unwrapped and wraps only its time-out (1.35, measured).
        # A permanent one fails again at once in `run_activity`, as the ActivityError that callers expect.
        if is_cancelled_exception(error):
            raise
    return await run_activity(activity, command, options, give_up_at=give_up_at)


async def _execute(
    activity: Activity[Command, Result],
    command: Command,
    options: ActivityOptions,
    *,
    attempts: int,
    give_up_at: datetime | None,
) -> Result:
    return await workflow.execute_activity_method(
        activity,
        command,
        start_to_close_timeout=options.start_to_close,
        schedule_to_close_timeout=max(give_up_at - workflow.now(), MIN_TIMEOUT) if give_up_at else None,
        heartbeat_timeout=options.heartbeat,
        retry_policy=RetryPolicy(
            initial_interval=options.first_pause,
            maximum_interval=options.longest_pause,
            maximum_attempts=attempts,
        ),
    )


def _is_retryable(error: ActivityError) -> bool:
    """Whether more attempts can help: true when attempts ran out, not for a permanent failure or a deadline."""
    is_permanent = isinstance(error.cause, ApplicationError) and error.cause.non_retryable
    return not (is_permanent or is_cancelled_exception(error)) and error.retry_state is not RetryState.TIMEOUT


def _blocked_on(error: ActivityError, options: ActivityOptions) -> BlockedOn:
    """Return the server named by the worker's interceptor; for a time-out, the one of the preset."""
    if isinstance(error.cause, ApplicationError) and error.cause.details:
        return BlockedOn(error.cause.details[0])
    return options.blocked_on
