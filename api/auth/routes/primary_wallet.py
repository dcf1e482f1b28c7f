"""The primary wallet of an account: the one that others are shown first. There is one at most."""

import asyncio

from fastapi import APIRouter, Response

from api.access.route_limits import caller_std, device_strict
from api.auth.deps import Resources, WalletProofs
from api.auth.schemas.wallets import (
    ChallengeView,
    WalletAddressRequest,
    WalletChallengeRequest,
    WalletProofRequest,
    WalletView,
)
from api.background.security_notices import Notices as NoticeGateway
from api.deps import Caller, DeviceCaller, Notices, Occasion, OnceOfCaller, Visibility
from api.http.errors import CALLER_ERRORS, DEVICE_ERRORS, problems
from api.http.responses import answer
from api.schemas.envelope import Answer
from api.schemas.fields import UserIdInPath
from domain.auth.errors import WalletNotFound, WalletProofInvalid
from domain.auth.wallets import PrimaryChange, Wallet, WalletPurpose
from domain.errors import IdempotencyKeyReused
from domain.users.errors import UserNotFound
from domain.users.security_events import EventKind, SecurityEvent

router = APIRouter(prefix="/wallets/primary", tags=["wallets"])


@router.post(
    "/challenge",
    dependencies=[device_strict],
    response_model=Answer[ChallengeView],
    responses=problems(*DEVICE_ERRORS, WalletNotFound, IdempotencyKeyReused, has_body=True),
)
async def challenge_primary(
    body: WalletChallengeRequest,
    caller: DeviceCaller,
    resources: Resources,
    proofs: WalletProofs,
    once: OnceOfCaller,
) -> Response:
    """A text to sign with a wallet of the caller's."""
    user_id = caller.user.user_id
    if await resources.auth.wallets.find(user_id, body.address) is None:
        raise WalletNotFound
    message = await proofs.challenge(WalletPurpose.PRIMARY, body, once, user_id=user_id)
    return answer(ChallengeView(message=message), "Sign this message with your wallet")


@router.post(
    "/validation",
    dependencies=[device_strict],
    response_model=Answer[WalletView],
    responses=problems(*DEVICE_ERRORS, WalletProofInvalid, WalletNotFound, IdempotencyKeyReused, has_body=True),
)
async def make_primary(
    body: WalletProofRequest,
    caller: DeviceCaller,
    resources: Resources,
    proofs: WalletProofs,
    once: OnceOfCaller,
    occasion: Occasion,
    notices: Notices,
) -> Response:
    """Make the wallet that signed the primary one; the one before is not it any more."""
    user_id = caller.user.user_id
    proved = await proofs.proved(WalletPurpose.PRIMARY, body, once, user_id=user_id)
    event = occasion.event(EventKind.PRIMARY_WALLET_SET, user_id, device=caller.device.facts.label)
    return await _told(await resources.auth.wallets.set_primary(proved.address, event, is_primary=True), event, notices)


@router.patch(
    "/unset",
    dependencies=[device_strict],
    response_model=Answer[WalletView],
    responses=problems(*DEVICE_ERRORS, WalletNotFound, has_body=True),
)
async def unset_primary(
    body: WalletAddressRequest, caller: DeviceCaller, resources: Resources, occasion: Occasion, notices: Notices
) -> Response:
    """The wallet stays linked, and is not the primary one. Doing it twice is no error."""
    event = occasion.event(EventKind.PRIMARY_WALLET_UNSET, caller.user.user_id, device=caller.device.facts.label)
    return await _told(await resources.auth.wallets.set_primary(body.address, event, is_primary=False), event, notices)


@router.get(
    "/me",
    dependencies=[caller_std],
    response_model=Answer[WalletView],
    responses=problems(*CALLER_ERRORS, WalletNotFound),
)
async def own_primary(caller: Caller, resources: Resources) -> Response:
    """The caller's primary wallet."""
    return _shown(await resources.auth.wallets.find_primary(caller.user.user_id))


@router.get(
    "/{user_id}",
    dependencies=[caller_std],
    response_model=Answer[WalletView],
    responses=problems(*CALLER_ERRORS, UserNotFound, WalletNotFound),
)
async def primary_of(user_id: UserIdInPath, caller: Caller, visibility: Visibility, resources: Resources) -> Response:
    """Somebody's primary wallet. Who is deactivated, or blocks the caller, is not found."""
    _, wallet = await asyncio.gather(visibility.require_visible(user_id), resources.auth.wallets.find_primary(user_id))
    return _shown(wallet)


async def _told(change: PrimaryChange | None, event: SecurityEvent, notices: NoticeGateway) -> Response:
    """The owner hears by mail of what is new."""
    if change is None:
        raise WalletNotFound
    if change.is_new:
        await notices.kick(event)
    return answer(WalletView.of(change.wallet), "Primary wallet changed")


def _shown(wallet: Wallet | None) -> Response:
    if wallet is None:
        raise WalletNotFound
    return answer(WalletView.of(wallet), "Primary wallet found")
