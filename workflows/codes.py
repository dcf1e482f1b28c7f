"""Judging a typed code, for every flow that mails one."""

from datetime import datetime

from activities.codes import CheckCode, CodeActivities
from domain.errors import DecodeError
from domain.flow_progress import Progress
from workflows.activity_options import STORE
from workflows.steps import quick_step


async def judge_code(flow: Progress, check: CheckCode, asked_at: datetime) -> type[DecodeError] | None:
    """Why the code is refused; None for the right one. The try is counted before it is checked."""
    refusal = flow.refusal or flow.leg.take_attempt(asked_at)
    if refusal:
        return refusal
    is_right = await quick_step(CodeActivities.check, check, STORE)
    return None if is_right else flow.count_wrong()
