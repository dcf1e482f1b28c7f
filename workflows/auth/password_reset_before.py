"""Password resets that began before ONE_WORKFLOW (delivery/mailing_flow.py): each step was an activity of its own.
Removed with that patch.
"""

from dataclasses import replace
from datetime import datetime

from temporalio import workflow

from activities.auth.password_reset import PasswordResetActivities, ProveAndReset, ResetResult
from activities.auth.two_factor import TwoFactorActivities, UseSecondFactor
from domain.auth.password import ResetOutcome
from domain.auth.two_factor import SecondFactorVerdict
from domain.errors import DecodeError
from domain.flow_progress import FlowProgress
from workflows.activity_options import STORE
from workflows.codes import judge_code
from workflows.steps import run_inline_activity

DECOY_MAILS = "decoy-mails"
"""A decoy that started without mails continues without them. Every flow of before carries the patch, so that it does
not distinguish decoys.
"""
NEW_SECOND_FACTOR = "reset-new-second-factor"
"""A reset that failed before a second factor was looked for once more stays failed."""


class ChangeBefore:
    """The change of the password, one activity after the other. It numbers second factors only where the code is right,
    so that a reset by an operator finds the uses of then.
    """

    def __init__(self, flow: FlowProgress) -> None:
        self._flow = flow
        self._uses = 0

    async def prove_and_change(self, command: ProveAndReset, asked_at: datetime) -> type[DecodeError] | ResetResult:
        """Do `PasswordResetActivities.prove_and_change` step by step. Returns the refusal, or what became of it."""
        refusal = await judge_code(self._flow, command.check, asked_at)
        if refusal:
            return refusal
        self._uses += 1
        use = replace(command.use, number=self._uses)
        verdict = await run_inline_activity(TwoFactorActivities.judge, use, STORE)
        if verdict is SecondFactorVerdict.WRONG:
            return self._flow.lock_if_exhausted()
        if verdict is SecondFactorVerdict.MISSING:
            return ResetResult(ResetOutcome.SECOND_FACTOR_MISSING)
        if command.is_weak:
            return ResetResult(ResetOutcome.PASSWORD_WEAK)
        return await self._change(replace(command, use=use), verdict)

    async def _change(self, command: ProveAndReset, verdict: SecondFactorVerdict) -> type[DecodeError] | ResetResult:
        self._flow.challenge.is_proved = True
        is_right = verdict is SecondFactorVerdict.RIGHT
        if is_right and not await run_inline_activity(TwoFactorActivities.use, command.use, STORE):
            self._flow.challenge.is_proved = False
            return self._flow.lock_if_exhausted()
        reset = replace(command.reset, has_second_factor=is_right)
        notice = await run_inline_activity(PasswordResetActivities.change, reset, STORE)
        if notice is None and not is_right and await _has_new_second_factor(command.use):
            self._flow.challenge.is_proved = False
            return ResetResult(ResetOutcome.SECOND_FACTOR_MISSING)
        return ResetResult(ResetOutcome.DONE if notice else ResetOutcome.GONE, notice)


async def _has_new_second_factor(use: UseSecondFactor) -> bool:
    if not workflow.patched(NEW_SECOND_FACTOR):
        return False
    return await run_inline_activity(TwoFactorActivities.judge, use, STORE) is not SecondFactorVerdict.NOT_NEEDED
