"""Sign-in by a linked wallet in place of the password. Device trust and second factor are still required."""

import asyncio

from fastapi import APIRouter, Response

from api.access.permits import open_to_all
from api.access.route_limits import strict
from api.auth.deps import ResourcesDep, SignInGateDep, WalletVerifierDep
from api.auth.routes.sign_in import FLOW_STARTED_RESPONSES
from api.auth.schemas.sessions import SessionView
from api.auth.schemas.wallets import ChallengeView, WalletChallengeRequest, WalletSignInRequest
from api.auth.sign_in_gate import FirstProof
from api.deps import IdempotentDep
from api.http.errors import error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer
from domain.auth.errors import AccountDeactivated, InvalidCredentials, WalletProofInvalid
from domain.auth.sessions import AuthStrength
from domain.auth.wallets import WalletPurpose
from domain.errors import FlowClosed, IdempotencyKeyReused

router = APIRouter(prefix="/wallets/auth", tags=["wallets"])


@router.post(
    "/challenge",
    dependencies=[open_to_all, strict],
    response_model=Answer[ChallengeView],
    responses=error_responses(IdempotencyKeyReused, has_body=True),
)
async def challenge_sign_in(
    body: WalletChallengeRequest, proofs: WalletVerifierDep, idempotent: IdempotentDep
) -> Response:
    """Create a text to sign with any wallet, linked or not: the answer does not tell which ones are."""
    message = await proofs.create_challenge(WalletPurpose.AUTH, body, idempotent)
    return success_response(ChallengeView(message=message), "Sign this message with your wallet")


@router.post(
    "/validation",
    dependencies=[open_to_all, strict],
    response_model=Answer[SessionView],
    responses={
        **FLOW_STARTED_RESPONSES,
        **error_responses(
            WalletProofInvalid,
            InvalidCredentials,
            AccountDeactivated,
            IdempotencyKeyReused,
            FlowClosed,
            has_body=True,
        ),
    },
)
async def sign_in(
    body: WalletSignInRequest,
    resources: ResourcesDep,
    proofs: WalletVerifierDep,
    idempotent: IdempotentDep,
    gate: SignInGateDep,
) -> Response:
    """Sign in by wallet: a session on a trusted device; elsewhere, and with a second factor, a flow. It does not step
    up.
    """
    proved = await proofs.verify(WalletPurpose.AUTH, body, idempotent)
    user = await resources.auth.wallets.find_user_by_wallet(proved.address)
    if user is None:
        raise InvalidCredentials
    if not user.is_active:
        raise AccountDeactivated
    fingerprint = resources.hashes.fingerprint_hash(user.user_id, body.fingerprint_hashed)
    is_device_trusted, two_factor = await asyncio.gather(
        resources.auth.devices.is_trusted(user.user_id, fingerprint), resources.auth.two_factors.find(user.user_id)
    )
    proof = FirstProof(
        user=user,
        auth_strength=AuthStrength.WALLET,
        device=body.device_fields,
        is_device_trusted=is_device_trusted,
        has_second_factor=two_factor is not None and two_factor.is_enabled,
        request_key=idempotent.request_key,
        body_hash=idempotent.key.body_hash(body),
        wallet_address=proved.address,
    )
    return await gate.sign_in(proof)
