"""Leave, for good in thirty days; come back until then."""

import asyncio

from fastapi import APIRouter, Response

from api.access.route_limits import by_failures, device_strict
from api.accounts.deps import Resources
from api.accounts.schemas.account_deletion import Deactivated, Reactivated, ReactivateRequest
from api.auth.deps import LoginThrottle, StepUp
from api.auth.password_check import Proved, proved
from api.auth.schemas.step_up import OptionalStepUp
from api.deps import Deletions, DeviceCaller, Hashes, Known, Occasion, Wakes
from api.http.errors import DEVICE_ERRORS, STEP_UP_ERRORS, problems
from api.http.responses import answer
from api.schemas.envelope import Answer
from domain.accounts.account_deletion import LIFE
from domain.auth.errors import (
    AccountDeactivated,
    AccountThrottled,
    InvalidCredentials,
    SecondFactorRequired,
    SessionRevoked,
)
from domain.auth.two_factor import SecondProof, SecondVerdict
from domain.errors import Overloaded, WrongCode
from domain.flows import FlowKind
from domain.users.errors import LastAdmin
from domain.users.security_events import EventKind

router = APIRouter(prefix="/users/account", tags=["account"])


@router.patch(
    "/deactivate",
    dependencies=[device_strict],
    response_model=Answer[Deactivated],
    responses=problems(*DEVICE_ERRORS, *STEP_UP_ERRORS, LastAdmin, Overloaded, has_body=True),
)
async def deactivate(
    body: OptionalStepUp,
    caller: DeviceCaller,
    resources: Resources,
    hashes: Hashes,
    step_up: StepUp,
    occasion: Occasion,
    known: Known,
    deletions: Deletions,
) -> Response:
    """Hide the account everywhere at once and end its sessions. It is erased in thirty days, unless it comes back."""
    await step_up.require(caller, body.proofs)
    user, flow_id = caller.user, hashes.flow_id(FlowKind.ACCOUNT_DELETION, None)
    event = occasion.event(EventKind.ACCOUNT_DEACTIVATED, user.user_id, device=caller.device.facts.label)
    key, deletion_at = hashes.workflow_key(flow_id), occasion.now + LIFE
    if not await resources.accounts.deletions.deactivate(
        event, key=key, deletion_at=deletion_at, epoch=caller.session.epoch
    ):
        raise SessionRevoked
    await asyncio.gather(known.account_changed(user.user_id), deletions.kick(user, key))
    return answer(Deactivated(deletion_at=deletion_at, flow_id=flow_id), "Account deactivated")


@router.patch(
    "/reactivate",
    dependencies=[by_failures],
    response_model=Answer[Reactivated],
    responses=problems(
        InvalidCredentials,
        SecondFactorRequired,
        WrongCode,
        AccountDeactivated,
        AccountThrottled,
        Overloaded,
        has_body=True,
    ),
)
async def reactivate(
    body: ReactivateRequest,
    resources: Resources,
    occasion: Occasion,
    throttle: LoginThrottle,
    known: Known,
    deletions: Deletions,
    wakes: Wakes,
) -> Response:
    """Undo a deactivation, as if it had never been; then sign in as usual. Trusted devices are trusted still."""
    found = await proved(body.email_or_username, body.password, resources, throttle)
    await _require_second_factor(found, body.second, resources, occasion, throttle)
    event = occasion.event(EventKind.ACCOUNT_REACTIVATED, found.user.user_id, device=None)
    if found.user.is_active or not await resources.accounts.deletions.reactivate(event):
        return await _unchanged(found.user.user_id, resources)
    await asyncio.gather(known.account_changed(found.user.user_id), deletions.undo(found.user))
    wakes.wake(found.user.user_id)
    return answer(Reactivated(reactivated=True), "Account reactivated")


async def _unchanged(user_id: str, resources: Resources) -> Response:
    """Read anew, since another request may have brought the account back. Raises AccountDeactivated."""
    user = await resources.users.users.find(user_id)
    if user is None or not user.is_active:
        raise AccountDeactivated
    return answer(Reactivated(reactivated=False), "The account is active")


async def _require_second_factor(
    found: Proved, proof: SecondProof, resources: Resources, occasion: Occasion, throttle: LoginThrottle
) -> None:
    """Raises SecondFactorRequired or WrongCode; a wrong one counts like a wrong password."""
    use = occasion.event(EventKind.RECOVERY_CODE_USED, found.user.user_id, device=None)
    verdict = await resources.auth.two_factors.judge(use, proof)
    if verdict is SecondVerdict.MISSING:
        raise SecondFactorRequired
    if verdict is SecondVerdict.NOT_NEEDED:
        return
    if verdict is SecondVerdict.WRONG or not await resources.auth.two_factors.take(use, proof):
        await throttle.failed(found.lane)
        raise WrongCode
