"""Sign-ins that began before ONE_WORKFLOW (delivery/mailing_flow.py): each step was an activity of its own. Removed
with that patch.
"""

from dataclasses import replace
from datetime import datetime

from temporalio import workflow

from activities.auth.sign_in import (
    OpenSession,
    ProveDeviceAndOpen,
    ProveSecondFactorAndOpen,
    SessionOpened,
    SignInActivities,
)
from activities.auth.two_factor import TwoFactorActivities
from domain.auth.sessions import OpeningOutcome
from domain.auth.two_factor import SecondFactorVerdict
from domain.errors import DecodeError
from domain.flow_progress import FlowProgress
from workflows.activity_options import STORE
from workflows.codes import judge_code
from workflows.steps import run_inline_activity

READS_ACCOUNT = "sign-in-reads-account"
"""A flow that has come here before the account was read at its end does the same in a replay. With it goes the activity
`sign_in.open_session`.
"""


async def prove_device_before(
    flow: FlowProgress, proof: ProveDeviceAndOpen, asked_at: datetime, *, needs_second_factor: bool
) -> type[DecodeError] | SessionOpened:
    """Check the code, then open the session. Returns the refusal, or what became of the session."""
    refusal = await judge_code(flow, proof.check, asked_at)
    return refusal or await _open(flow, proof.opening, needs_second_factor=needs_second_factor)


async def prove_second_factor_before(
    flow: FlowProgress, proof: ProveSecondFactorAndOpen, asked_at: datetime, *, needs_second_factor: bool
) -> type[DecodeError] | SessionOpened:
    """Use the second factor up, then open the session. Returns the refusal, or what became of the session."""
    refusal, opening = flow.challenge.count_attempt(asked_at), proof.opening
    if refusal:
        return refusal
    if await run_inline_activity(TwoFactorActivities.use, proof.use, STORE):
        opening = replace(opening, has_second_factor=True, trusts_device=opening.trusts_device or proof.trusts_device)
    elif not await _is_second_factor_off(proof):
        return flow.lock_if_exhausted()
    return await _open(flow, opening, needs_second_factor=needs_second_factor)


async def _is_second_factor_off(proof: ProveSecondFactorAndOpen) -> bool:
    if not workflow.patched(READS_ACCOUNT):
        return False
    verdict = await run_inline_activity(TwoFactorActivities.judge, proof.use, STORE)
    return verdict is SecondFactorVerdict.NOT_NEEDED


async def _open(flow: FlowProgress, opening: OpenSession, *, needs_second_factor: bool) -> SessionOpened:
    flow.challenge.is_proved = True
    if workflow.patched(READS_ACCOUNT):
        return await run_inline_activity(SignInActivities.open, opening, STORE)
    if needs_second_factor and not opening.has_second_factor:
        return SessionOpened(OpeningOutcome.SECOND_FACTOR_MISSING)
    session_id = await run_inline_activity(SignInActivities.open_session, opening, STORE)
    return SessionOpened(OpeningOutcome.OPENED if session_id else OpeningOutcome.GONE, session_id)
