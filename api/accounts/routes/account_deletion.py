"""Deactivation of an account, its deletion after thirty days, and reactivation until then."""

import asyncio

from fastapi import APIRouter, Response

from api.access.permits import open_to_all, permit
from api.access.route_limits import by_failures, device_strict
from api.accounts.deps import ResourcesDep
from api.accounts.schemas.account_deletion import Deactivated, Reactivated, ReactivateRequest
from api.auth.deps import LoginThrottleDep
from api.auth.password_check import VerifiedPassword, verify_password
from api.deps import (
    DeletionTriggerDep,
    DeviceCallerDep,
    GraphSyncTriggerDep,
    HashesDep,
    RequestContextDep,
    SessionCacheDep,
    StepUpDep,
)
from api.http.errors import DEVICE_ERRORS, STEP_UP_ERRORS, error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer
from api.schemas.step_up import OptionalStepUp
from domain.accounts.account_deletion import GRACE_PERIOD
from domain.auth.errors import (
    AccountDeactivated,
    AccountThrottled,
    InvalidCredentials,
    SecondFactorRequired,
    SessionRevoked,
)
from domain.auth.two_factor import SecondFactorProof, SecondFactorVerdict
from domain.errors import Overloaded, WrongCode
from domain.flows import FlowKind
from domain.users.access import may_change_rights
from domain.users.errors import LastAdmin
from domain.users.permissions import Need, Permission
from domain.users.security_events import EventKind
from domain.users.users import User

router = APIRouter(prefix="/users/account", tags=["account"])


@router.patch(
    "/deactivate",
    dependencies=[permit(Permission.ACCOUNT_MANAGE, Need.STEP_UP, proves_itself=True), device_strict],
    response_model=Answer[Deactivated],
    responses=error_responses(*DEVICE_ERRORS, *STEP_UP_ERRORS, LastAdmin, Overloaded, has_body=True),
)
async def deactivate(
    body: OptionalStepUp,
    caller: DeviceCallerDep,
    resources: ResourcesDep,
    hashes: HashesDep,
    step_up: StepUpDep,
    context: RequestContextDep,
    session_cache: SessionCacheDep,
    graph_sync_trigger: GraphSyncTriggerDep,
    deletion_trigger: DeletionTriggerDep,
) -> Response:
    """Deactivate the account: hide it everywhere at once and end its sessions. It is erased in thirty days, unless it
    comes back.
    """
    await step_up.require(caller, body.proofs, first=lambda: _require_another_admin(caller.user, resources))
    user, flow_id = caller.user, hashes.new_flow_id(FlowKind.ACCOUNT_DELETION, None)
    event = context.new_event(EventKind.ACCOUNT_DEACTIVATED, user.user_id, device=caller.device.info.label)
    key, deletion_at = hashes.workflow_key(flow_id), context.now + GRACE_PERIOD
    if not await resources.accounts.deletions.deactivate(
        event, deletion_key=key, deletion_at=deletion_at, epoch=caller.session.epoch
    ):
        raise SessionRevoked
    await asyncio.gather(
        session_cache.invalidate_user(user.user_id),
        graph_sync_trigger.put(user.user_id),
        deletion_trigger.trigger(user, key),
    )
    return success_response(Deactivated(deletion_at=deletion_at, flow_id=flow_id), "Account deactivated")


async def _require_another_admin(user: User, resources: ResourcesDep) -> None:
    """Raise LastAdmin if the user is the only one who can assign roles."""
    if may_change_rights(user) and not await resources.users.access_guard.has_another_assigner(user):
        raise LastAdmin


@router.patch(
    "/reactivate",
    dependencies=[open_to_all, by_failures],
    response_model=Answer[Reactivated],
    responses=error_responses(
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
    resources: ResourcesDep,
    context: RequestContextDep,
    throttle: LoginThrottleDep,
    session_cache: SessionCacheDep,
    graph_sync_trigger: GraphSyncTriggerDep,
    deletion_trigger: DeletionTriggerDep,
) -> Response:
    """Undo a deactivation, as if it had never been; then sign in as usual. Trusted devices are trusted still."""
    verified = await verify_password(body.email_or_username, body.password, resources, throttle)
    await _require_second_factor(verified, body.second, resources, context, throttle)
    event = context.new_event(EventKind.ACCOUNT_REACTIVATED, verified.user.user_id, device=None)
    user, deletions = verified.user, resources.accounts.deletions
    if user.is_active or not await deletions.reactivate(event, epoch=user.session_epoch):
        return await _unchanged(user.user_id, resources)
    await asyncio.gather(
        session_cache.invalidate_user(user.user_id),
        graph_sync_trigger.put(user.user_id),
        deletion_trigger.trigger_undo(user),
    )
    return success_response(Reactivated(reactivated=True), "Account reactivated")


async def _unchanged(user_id: str, resources: ResourcesDep) -> Response:
    """Return the response for an active account, by a new read: a parallel request may have reactivated it.

    Raises AccountDeactivated.
    """
    user = await resources.users.users.find(user_id)
    if user is None or not user.is_active:
        raise AccountDeactivated
    return success_response(Reactivated(reactivated=False), "The account is active")


async def _require_second_factor(
    verified: VerifiedPassword,
    proof: SecondFactorProof,
    resources: ResourcesDep,
    context: RequestContextDep,
    throttle: LoginThrottleDep,
) -> None:
    """Raise SecondFactorRequired or WrongCode unless the proof is valid or not needed. A wrong code counts like a wrong
    password.
    """
    use = context.new_event(EventKind.RECOVERY_CODE_USED, verified.user.user_id, device=None)
    verdict = await resources.auth.two_factors.judge(use, proof)
    if verdict is SecondFactorVerdict.MISSING:
        raise SecondFactorRequired
    if verdict is SecondFactorVerdict.NOT_NEEDED:
        return
    if verdict is SecondFactorVerdict.WRONG or not await resources.auth.two_factors.use(use, proof):
        await throttle.record_failure(verified.buckets)
        raise WrongCode
