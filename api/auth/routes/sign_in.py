"""Sign in: a password on a trusted device, or a flow that proves the device, the second factor, or both."""

from fastapi import APIRouter, Response

from api.access.route_limits import by_failures, start, strict
from api.auth.deps import LoginThrottle, Resources, SignInGate
from api.auth.password_check import proved
from api.auth.schemas.sessions import LoginRequest, SessionView
from api.auth.schemas.sign_in import DeviceCodeRequest, DeviceResendRequest, SecondFactorRequest
from api.auth.sign_in_gate import KIND, FirstProof
from api.auth.sign_in_gate import SignInGate as Gate
from api.deps import Flows, Hashes, Now, Once, Repeatable
from api.flows.client import running, view_after
from api.http.errors import FLOW_ERRORS, Responses, problems
from api.http.responses import accepted
from api.schemas.envelope import Answer
from api.schemas.flows import Flow
from domain.auth.errors import AccountDeactivated, AccountThrottled, InvalidCredentials
from domain.auth.sessions import AuthStrength
from domain.codes import canonical_code
from domain.errors import IdempotencyKeyReused, InvalidInput, Overloaded, ResendTooSoon, WrongCode, WrongStep
from workflows.auth.sign_in import ProveDevice, ProveSecondFactor, SignIn, SignInAnswer
from workflows.flows import FlowStep

router = APIRouter(prefix="/auth", tags=["sign-in"])

GOES_ON: Responses = {202: {"model": Answer[Flow], "description": "`next` says what is still to be proved."}}


@router.post(
    "/login",
    dependencies=[by_failures],
    response_model=Answer[SessionView],
    responses={
        **GOES_ON,
        **problems(
            InvalidCredentials,
            AccountDeactivated,
            AccountThrottled,
            IdempotencyKeyReused,
            Overloaded,
            has_body=True,
        ),
    },
)
async def login(
    body: LoginRequest, resources: Resources, once: Once, throttle: LoginThrottle, gate: SignInGate
) -> Response:
    """A session on a trusted device; elsewhere a flow. Unknown names and wrong passwords answer alike."""
    await once.earlier(body)
    device = body.fingerprint_hashed
    found = await proved(body.email_or_username, body.password, resources, throttle, fingerprint=device)
    if not found.user.is_active:
        raise AccountDeactivated
    await once.claim(body)
    proof = FirstProof(
        user=found.user,
        by=AuthStrength.PASSWORD,
        device=body.device_fields,
        is_device_trusted=found.is_device_trusted,
        request=once.request,
        body_hash=once.repeat.body_hash(body),
    )
    return await gate.enter(proof)


@router.post(
    "/login/fingerprint/email-verification",
    dependencies=[strict],
    response_model=Answer[SessionView],
    responses={**GOES_ON, **problems(WrongCode, WrongStep, *FLOW_ERRORS, has_body=True)},
)
async def prove_device(
    body: DeviceCodeRequest, hashes: Hashes, flows: Flows, now: Now, repeat: Repeatable, gate: SignInGate
) -> Response:
    """Prove the device by the mailed code. It is trusted from the end of the sign-in on."""
    ask = ProveDevice(hashes.proof(body.flow_id, canonical_code(body.code)), now, repeat.body_hash(body))
    proved = await flows.ask(body.flow_id, SignIn.prove_device, ask, kind=KIND, update_id=repeat.request)
    return await _outcome(proved, body.flow_id, gate)


@router.post(
    "/login/fingerprint/resend-email-verification",
    dependencies=[start],
    status_code=202,
    response_model=Answer[Flow],
    responses=problems(ResendTooSoon, WrongStep, *FLOW_ERRORS, has_body=True),
)
async def resend(body: DeviceResendRequest, flows: Flows, now: Now, repeat: Repeatable) -> Response:
    """Mail a new code, once a minute and five times at most. Older codes are void."""
    step = FlowStep(now, repeat.body_hash(body))
    sent = await flows.ask(body.flow_id, SignIn.resend, step, kind=KIND, update_id=repeat.request)
    return accepted(view_after(sent, body.flow_id), "Device verification sent")


@router.post(
    "/2fa/login",
    dependencies=[strict],
    response_model=Answer[SessionView],
    responses={
        **GOES_ON,
        **problems(WrongCode, WrongStep, InvalidInput, *FLOW_ERRORS, has_body=True),
    },
)
async def prove_second_factor(
    body: SecondFactorRequest, flows: Flows, now: Now, repeat: Repeatable, gate: SignInGate
) -> Response:
    """Prove the second factor by a one-time password or a recovery code."""
    ask = ProveSecondFactor(body.second, now, repeat.body_hash(body), trusts_device=body.trust_device)
    proved = await flows.ask(body.flow_id, SignIn.prove_second_factor, ask, kind=KIND, update_id=repeat.request)
    return await _outcome(proved, body.flow_id, gate)


async def _outcome(proved: SignInAnswer | None, flow_id: str, gate: Gate) -> Response:
    if proved is None:
        return accepted(running(flow_id))
    if proved.session_id is None:
        return accepted(proved.view, "One more proof is needed")
    return await gate.signed_in(proved.session_id)
