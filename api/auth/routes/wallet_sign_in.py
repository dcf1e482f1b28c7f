"""Sign in by a linked wallet in place of the password. Device trust and second factor are asked for all the same."""

from fastapi import APIRouter, Response

from api.access.route_limits import strict
from api.auth.deps import Resources, SignInGate, WalletProofs
from api.auth.routes.sign_in import GOES_ON
from api.auth.schemas.sessions import SessionView
from api.auth.schemas.wallets import ChallengeView, WalletChallengeRequest, WalletSignInRequest
from api.auth.sign_in_gate import FirstProof
from api.deps import Once
from api.http.errors import problems
from api.http.responses import answer
from api.schemas.envelope import Answer
from domain.auth.errors import AccountDeactivated, InvalidCredentials, WalletProofInvalid
from domain.auth.sessions import AuthStrength
from domain.auth.wallets import WalletPurpose
from domain.errors import FlowClosed, IdempotencyKeyReused

router = APIRouter(prefix="/wallets/auth", tags=["wallets"])


@router.post(
    "/challenge",
    dependencies=[strict],
    response_model=Answer[ChallengeView],
    responses=problems(IdempotencyKeyReused, has_body=True),
)
async def challenge_sign_in(body: WalletChallengeRequest, proofs: WalletProofs, once: Once) -> Response:
    """A text to sign with any wallet, linked or not: nobody learns here which ones are."""
    message = await proofs.challenge(WalletPurpose.AUTH, body, once)
    return answer(ChallengeView(message=message), "Sign this message with your wallet")


@router.post(
    "/validation",
    dependencies=[strict],
    response_model=Answer[SessionView],
    responses={
        **GOES_ON,
        **problems(
            WalletProofInvalid,
            InvalidCredentials,
            AccountDeactivated,
            IdempotencyKeyReused,
            FlowClosed,
            has_body=True,
        ),
    },
)
async def sign_in_by_wallet(
    body: WalletSignInRequest, resources: Resources, proofs: WalletProofs, once: Once, gate: SignInGate
) -> Response:
    """A session on a trusted device; elsewhere, and with a second factor, a flow. It does not step up."""
    proved = await proofs.proved(WalletPurpose.AUTH, body, once)
    user = await resources.auth.wallets.find_owner(proved.address)
    if user is None:
        raise InvalidCredentials
    if not user.is_active:
        raise AccountDeactivated
    fingerprint = resources.hashes.fingerprint(user.user_id, body.fingerprint_hashed)
    proof = FirstProof(
        user=user,
        by=AuthStrength.WALLET,
        device=body.device_fields,
        is_device_trusted=await resources.auth.devices.is_trusted(user.user_id, fingerprint),
        request=once.request,
        body_hash=once.repeat.body_hash(body),
    )
    return await gate.enter(proof)
