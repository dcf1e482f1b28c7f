"""The wallets of an account: prove and link one, look at them, unlink one."""

import asyncio
from collections.abc import Sequence

from fastapi import APIRouter, Response

from api.access.route_limits import caller_std, device_strict
from api.auth.deps import Resources, StepUp, WalletProofs
from api.auth.schemas.wallets import ChallengeView, WalletChallengeRequest, WalletList, WalletProofRequest, WalletView
from api.deps import Caller, DeviceCaller, Notices, Occasion, OnceOfCaller, Visibility
from api.http.errors import CALLER_ERRORS, DEVICE_ERRORS, STEP_UP_ERRORS, problems
from api.http.responses import answer
from api.schemas.envelope import Answer
from api.schemas.fields import AddressInPath, UserIdInPath
from domain.auth.errors import PrimaryWallet, WalletLimit, WalletLinked, WalletNotFound, WalletProofInvalid
from domain.auth.sessions import StepUpProofs
from domain.auth.two_factor import SecondProof
from domain.auth.wallets import Linking, Unlinking, Wallet, WalletPurpose, wallet_key
from domain.errors import IdempotencyKeyReused
from domain.users.errors import UserNotFound
from domain.users.security_events import EventKind

router = APIRouter(prefix="/wallets/link", tags=["wallets"])

LINK_ERRORS = {Linking.TAKEN: WalletLinked, Linking.FULL: WalletLimit}
UNLINK_ERRORS = {Unlinking.PRIMARY: PrimaryWallet, Unlinking.UNKNOWN: WalletNotFound}


@router.post(
    "/challenge",
    dependencies=[device_strict],
    response_model=Answer[ChallengeView],
    responses=problems(*DEVICE_ERRORS, IdempotencyKeyReused, has_body=True),
)
async def challenge_link(
    body: WalletChallengeRequest, caller: DeviceCaller, proofs: WalletProofs, once: OnceOfCaller
) -> Response:
    """A text to sign with a wallet that is to be linked. It is the caller's alone."""
    message = await proofs.challenge(WalletPurpose.LINK, body, once, user_id=caller.user.user_id)
    return answer(ChallengeView(message=message), "Sign this message with your wallet")


@router.post(
    "/validation",
    dependencies=[device_strict],
    status_code=201,
    response_model=Answer[WalletView],
    responses=problems(
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
    caller: DeviceCaller,
    resources: Resources,
    proofs: WalletProofs,
    once: OnceOfCaller,
    occasion: Occasion,
    notices: Notices,
) -> Response:
    """Link the wallet that signed. From now on it signs in to this account; the owner is told by mail."""
    user_id, hashes = caller.user.user_id, occasion.hashes
    proved = await proofs.proved(WalletPurpose.LINK, body, once, user_id=user_id)
    wallet_id, address = hashes.object_id(proved.nonce, "wallet"), wallet_key(proved.address)
    event = occasion.event(
        EventKind.WALLET_LINKED, user_id, device=caller.device.facts.label, owner=f"wallet|{wallet_id}"
    )
    outcome = await resources.auth.wallets.link(
        Wallet(wallet_id, address, user_id, proved.chain_id, occasion.now), event
    )
    if outcome in LINK_ERRORS:
        raise LINK_ERRORS[outcome]
    await notices.kick(event)
    return answer(WalletView.of(await _own(address, user_id, resources)), "Wallet linked", 201)


@router.get("/me", dependencies=[caller_std], response_model=Answer[WalletList], responses=problems(*CALLER_ERRORS))
async def own_wallets(caller: Caller, resources: Resources) -> Response:
    """The caller's wallets, newest first."""
    return _listed(await resources.auth.wallets.list_of(caller.user.user_id))


@router.get(
    "/{user_id}",
    dependencies=[caller_std],
    response_model=Answer[WalletList],
    responses=problems(*CALLER_ERRORS, UserNotFound),
)
async def wallets_of(user_id: UserIdInPath, caller: Caller, visibility: Visibility, resources: Resources) -> Response:
    """Somebody's wallets, newest first. Who is deactivated, or blocks the caller, is not found."""
    _, wallets = await asyncio.gather(visibility.require_visible(user_id), resources.auth.wallets.list_of(user_id))
    return _listed(wallets)


@router.delete(
    "/unlink/{address}",
    dependencies=[device_strict],
    response_model=Answer[None],
    responses=problems(*DEVICE_ERRORS, *STEP_UP_ERRORS, WalletNotFound, PrimaryWallet),
)
async def unlink(
    address: AddressInPath,
    caller: DeviceCaller,
    resources: Resources,
    step_up: StepUp,
    occasion: Occasion,
    notices: Notices,
) -> Response:
    """Unlink a wallet that is not the primary one. Prove who you are at `/auth/step-up` before."""
    await step_up.require(caller, StepUpProofs(password=None, second=SecondProof()))
    event = occasion.event(EventKind.WALLET_UNLINKED, caller.user.user_id, device=caller.device.facts.label)
    outcome = await resources.auth.wallets.unlink(address, event)
    if outcome in UNLINK_ERRORS:
        raise UNLINK_ERRORS[outcome]
    await notices.kick(event)
    return answer(None, "Wallet unlinked")


async def _own(address: str, user_id: str, resources: Resources) -> Wallet:
    wallet = await resources.auth.wallets.find(user_id, address)
    if wallet is None:
        raise WalletNotFound
    return wallet


def _listed(wallets: Sequence[Wallet]) -> Response:
    return answer(WalletList(wallets=[WalletView.of(wallet) for wallet in wallets]), "Wallets found")
