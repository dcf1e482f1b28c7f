"""The primary wallet of an account, which other users see first. There is one at most."""

import asyncio

from fastapi import APIRouter, Response

from api.access.permits import permit
from api.access.route_limits import caller_std, device_strict
from api.auth.deps import ResourcesDep, WalletVerifierDep
from api.auth.schemas.wallets import (
    ChallengeView,
    WalletAddressRequest,
    WalletChallengeRequest,
    WalletProofRequest,
    WalletView,
)
from api.background.security_notices import NoticeTrigger as NoticeGateway
from api.deps import CallerDep, CallerIdempotentDep, DeviceCallerDep, NoticeTriggerDep, RequestContextDep, VisibilityDep
from api.http.errors import CALLER_ERRORS, DEVICE_ERRORS, error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer
from api.schemas.fields import UserIdInPath
from domain.auth.errors import WalletNotFound, WalletProofInvalid
from domain.auth.wallets import PrimaryWalletChange, Wallet, WalletPurpose
from domain.errors import IdempotencyKeyReused
from domain.users.errors import UserNotFound
from domain.users.permissions import Need, Permission
from domain.users.security_events import EventKind, SecurityEvent

router = APIRouter(prefix="/wallets/primary", tags=["wallets"])


@router.post(
    "/challenge",
    dependencies=[permit(Permission.WALLETS_MANAGE, Need.DEVICE), device_strict],
    response_model=Answer[ChallengeView],
    responses=error_responses(*DEVICE_ERRORS, WalletNotFound, IdempotencyKeyReused, has_body=True),
)
async def challenge_primary(
    body: WalletChallengeRequest,
    caller: DeviceCallerDep,
    resources: ResourcesDep,
    proofs: WalletVerifierDep,
    idempotent: CallerIdempotentDep,
) -> Response:
    """Create a text to sign with a wallet of the caller's."""
    user_id = caller.user.user_id
    if await resources.auth.wallets.find(user_id, body.address) is None:
        raise WalletNotFound
    message = await proofs.create_challenge(WalletPurpose.PRIMARY, body, idempotent, user_id=user_id)
    return success_response(ChallengeView(message=message), "Sign this message with your wallet")


@router.post(
    "/validation",
    dependencies=[permit(Permission.WALLETS_MANAGE, Need.DEVICE), device_strict],
    response_model=Answer[WalletView],
    responses=error_responses(*DEVICE_ERRORS, WalletProofInvalid, WalletNotFound, IdempotencyKeyReused, has_body=True),
)
async def set_primary(
    body: WalletProofRequest,
    caller: DeviceCallerDep,
    resources: ResourcesDep,
    proofs: WalletVerifierDep,
    idempotent: CallerIdempotentDep,
    context: RequestContextDep,
    notice_trigger: NoticeTriggerDep,
) -> Response:
    """Make the wallet that signed the primary one; the one before is not it any more."""
    user_id = caller.user.user_id
    proved = await proofs.verify(WalletPurpose.PRIMARY, body, idempotent, user_id=user_id)
    event = context.new_event(EventKind.PRIMARY_WALLET_SET, user_id, device=caller.device.info.label)
    return await _notify_owner(
        await resources.auth.wallets.set_primary(proved.address, event, is_primary=True), event, notice_trigger
    )


@router.patch(
    "/unset",
    dependencies=[permit(Permission.WALLETS_MANAGE, Need.DEVICE), device_strict],
    response_model=Answer[WalletView],
    responses=error_responses(*DEVICE_ERRORS, WalletNotFound, has_body=True),
)
async def unset_primary(
    body: WalletAddressRequest,
    caller: DeviceCallerDep,
    resources: ResourcesDep,
    context: RequestContextDep,
    notice_trigger: NoticeTriggerDep,
) -> Response:
    """Unset the primary wallet, which stays linked. Doing it twice is no error."""
    event = context.new_event(EventKind.PRIMARY_WALLET_UNSET, caller.user.user_id, device=caller.device.info.label)
    return await _notify_owner(
        await resources.auth.wallets.set_primary(body.address, event, is_primary=False), event, notice_trigger
    )


@router.get(
    "/me",
    dependencies=[permit(Permission.WALLETS_READ, by_key=True), caller_std],
    response_model=Answer[WalletView],
    responses=error_responses(*CALLER_ERRORS, WalletNotFound),
)
async def get_own_primary(caller: CallerDep, resources: ResourcesDep) -> Response:
    """Return the caller's primary wallet."""
    return _response(await resources.auth.wallets.find_primary(caller.user.user_id))


@router.get(
    "/{user_id}",
    dependencies=[permit(Permission.WALLETS_READ, by_key=True), caller_std],
    response_model=Answer[WalletView],
    responses=error_responses(*CALLER_ERRORS, UserNotFound, WalletNotFound),
)
async def get_primary(
    user_id: UserIdInPath, caller: CallerDep, visibility: VisibilityDep, resources: ResourcesDep
) -> Response:
    """Return a user's primary wallet. Who is deactivated, or blocks the caller, is not found."""
    _, wallet = await asyncio.gather(visibility.require_visible(user_id), resources.auth.wallets.find_primary(user_id))
    return _response(wallet)


async def _notify_owner(
    change: PrimaryWalletChange | None, event: SecurityEvent, notice_trigger: NoticeGateway
) -> Response:
    """Return the changed wallet, and mail the owner unless nothing changed. Raises WalletNotFound."""
    if change is None:
        raise WalletNotFound
    if change.is_new:
        await notice_trigger.trigger(event)
    return success_response(WalletView.of(change.wallet), "Primary wallet changed")


def _response(wallet: Wallet | None) -> Response:
    if wallet is None:
        raise WalletNotFound
    return success_response(WalletView.of(wallet), "Primary wallet found")
