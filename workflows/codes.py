"""The check of a typed code, for every flow that mails one."""

from datetime import datetime
from typing import TypeVar

from activities.codes import CheckCode, CodeActivities
from domain.errors import DecodeError
from domain.flow_progress import FlowProgress
from workflows.activity_options import STORE
from workflows.steps import Activity, Command, run_inline_activity

Result = TypeVar("Result")


async def judge_code(flow: FlowProgress, check: CheckCode, asked_at: datetime) -> type[DecodeError] | None:
    """Return the refusal of the code, None for the right one. The attempt is counted before the check.

    A flow that the account's epoch has left behind is over.
    """
    refusal = flow.refusal or flow.challenge.count_attempt(asked_at)
    if refusal:
        return refusal
    is_right = await run_inline_activity(CodeActivities.check, check, STORE)
    if is_right is None:
        return flow.void()
    return None if is_right else flow.lock_if_exhausted()


async def prove(
    flow: FlowProgress, step: Activity[Command, Result | None], command: Command, asked_at: datetime
) -> type[DecodeError] | Result:
    """Do a step that judges a proof and has its effect, in one activity. The attempt is counted before it.

    Returns the result, or the refusal: the step returns None for a wrong proof.
    """
    refusal = flow.refusal or flow.challenge.count_attempt(asked_at)
    if refusal:
        return refusal
    result = await run_inline_activity(step, command, STORE)
    return flow.lock_if_exhausted() if result is None else result
