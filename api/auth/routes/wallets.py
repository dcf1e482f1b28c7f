"""The wallets of an account: prove and link, list, unlink."""

import asyncio
from collections.abc import Sequence

from fastapi import APIRouter, Response

from api.access.permits import permit
from api.access.route_limits import caller_std, device_strict
from api.auth.deps import ResourcesDep, WalletVerifierDep
from api.auth.schemas.wallets import ChallengeView, WalletChallengeRequest, WalletList, WalletProofRequest, WalletView
from api.deps import CallerDep, CallerIdempotentDep, DeviceCallerDep, NoticeTriggerDep, RequestContextDep, VisibilityDep
from api.http.errors import CALLER_ERRORS, DEVICE_ERRORS, error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer
from api.schemas.fields import AddressInPath, UserIdInPath
from domain.auth.errors import (
    PrimaryWallet,
    StepUpRequired,
    WalletLimit,
    WalletLinked,
    WalletNotFound,
    WalletProofInvalid,
)
from domain.auth.wallets import LinkOutcome, UnlinkOutcome, Wallet, WalletPurpose, wallet_key
from domain.errors import IdempotencyKeyReused
from domain.users.errors import UserNotFound
from domain.users.permissions import Need, Permission
from domain.users.security_events import EventKind

router = APIRouter(prefix="/wallets/link", tags=["wallets"])

LINK_ERRORS = {LinkOutcome.TAKEN: WalletLinked, LinkOutcome.FULL: WalletLimit}
UNLINK_ERRORS = {UnlinkOutcome.PRIMARY: PrimaryWallet, UnlinkOutcome.UNKNOWN: WalletNotFound}


@router.post(
    "/challenge",
    dependencies=[permit(Permission.WALLETS_MANAGE, Need.DEVICE), device_strict],
    response_model=Answer[ChallengeView],
    responses=error_responses(*DEVICE_ERRORS, IdempotencyKeyReused, has_body=True),
)
async def challenge_link(
    body: WalletChallengeRequest, caller: DeviceCallerDep, proofs: WalletVerifierDep, idempotent: CallerIdempotentDep
) -> Response:
    """Create a text to sign with a wallet that is to be linked. It is the caller's alone."""
    message = await proofs.create_challenge(WalletPurpose.LINK, body, idempotent, user_id=caller.user.user_id)
    return success_response(ChallengeView(message=message), "Sign this message with your wallet")


@router.post(
    "/validation",
    dependencies=[permit(Permission.WALLETS_MANAGE, Need.DEVICE), device_strict],
    status_code=201,
    response_model=Answer[WalletView],
    responses=error_responses(
        *DEVICE_ERRORS,
        WalletProofInvalid,
        WalletLinked,
        WalletLimit,
        WalletNotFound,
        IdempotencyKeyReused,
        has_body=True,
    ),
)
async def link(
    body: WalletProofRequest,
    caller: DeviceCallerDep,
    resources: ResourcesDep,
    proofs: WalletVerifierDep,
    idempotent: CallerIdempotentDep,
    context: RequestContextDep,
    notice_trigger: NoticeTriggerDep,
) -> Response:
    """Link the wallet that signed. From now on it signs in to this account; the owner is told by mail."""
    user_id, hashes = caller.user.user_id, context.hashes
    proved = await proofs.verify(WalletPurpose.LINK, body, idempotent, user_id=user_id)
    wallet_id, address = hashes.derive_object_id(proved.nonce, "wallet"), wallet_key(proved.address)
    event = context.new_event(
        EventKind.WALLET_LINKED, user_id, device=caller.device.info.label, effect_key=f"wallet|{wallet_id}"
    )
    outcome = await resources.auth.wallets.link(
        Wallet(wallet_id, address, user_id, proved.chain_id, context.now), event
    )
    if outcome in LINK_ERRORS:
        raise LINK_ERRORS[outcome]
    await notice_trigger.trigger(event)
    return success_response(WalletView.of(await _find_own(address, user_id, resources)), "Wallet linked", 201)


@router.get(
    "/me",
    dependencies=[permit(Permission.WALLETS_READ, by_key=True), caller_std],
    response_model=Answer[WalletList],
    responses=error_responses(*CALLER_ERRORS),
)
async def list_own(caller: CallerDep, resources: ResourcesDep) -> Response:
    """List the caller's wallets, newest first."""
    return _response(await resources.auth.wallets.list_wallets(caller.user.user_id))


@router.get(
    "/{user_id}",
    dependencies=[permit(Permission.WALLETS_READ, by_key=True), caller_std],
    response_model=Answer[WalletList],
    responses=error_responses(*CALLER_ERRORS, UserNotFound),
)
async def list_of_user(
    user_id: UserIdInPath, caller: CallerDep, visibility: VisibilityDep, resources: ResourcesDep
) -> Response:
    """List a user's wallets, newest first. Who is deactivated, or blocks the caller, is not found."""
    _, wallets = await asyncio.gather(visibility.require_visible(user_id), resources.auth.wallets.list_wallets(user_id))
    return _response(wallets)


@router.delete(
    "/unlink/{address}",
    dependencies=[permit(Permission.WALLETS_MANAGE, Need.STEP_UP), device_strict],
    response_model=Answer[None],
    responses=error_responses(*DEVICE_ERRORS, StepUpRequired, WalletNotFound, PrimaryWallet),
)
async def unlink(
    address: AddressInPath,
    caller: DeviceCallerDep,
    resources: ResourcesDep,
    context: RequestContextDep,
    notice_trigger: NoticeTriggerDep,
) -> Response:
    """Unlink a wallet that is not the primary one. Prove who you are at `/auth/step-up` before."""
    event = context.new_event(EventKind.WALLET_UNLINKED, caller.user.user_id, device=caller.device.info.label)
    outcome = await resources.auth.wallets.unlink(address, event)
    if outcome in UNLINK_ERRORS:
        raise UNLINK_ERRORS[outcome]
    await notice_trigger.trigger(event)
    return success_response(None, "Wallet unlinked")


async def _find_own(wallet_address: str, user_id: str, resources: ResourcesDep) -> Wallet:
    """Raises WalletNotFound."""
    wallet = await resources.auth.wallets.find(user_id, wallet_address)
    if wallet is None:
        raise WalletNotFound
    return wallet


def _response(wallets: Sequence[Wallet]) -> Response:
    return success_response(WalletList(wallets=[WalletView.of(wallet) for wallet in wallets]), "Wallets found")
