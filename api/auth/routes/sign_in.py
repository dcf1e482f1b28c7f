"""Sign-in by password on a trusted device, or a flow that proves the device, the second factor, or both."""

from fastapi import APIRouter, Response

from api.access.permits import open_to_all
from api.access.route_limits import by_failures, start, strict
from api.auth.deps import LoginThrottleDep, ResourcesDep, SignInGateDep
from api.auth.password_check import verify_password
from api.auth.schemas.sessions import LoginRequest, SessionView
from api.auth.schemas.sign_in import DeviceCodeRequest, DeviceResendRequest, SecondFactorRequest
from api.auth.sign_in_gate import KIND, FirstProof
from api.auth.sign_in_gate import SignInGate as Gate
from api.deps import FlowsDep, HashesDep, IdempotentDep, NowDep, RequestKeyDep
from api.flows.client import running_view, view_after
from api.http.errors import FLOW_ERRORS, error_responses
from api.http.problems import Responses
from api.http.responses import accepted_response
from api.schemas.envelope import Answer
from api.schemas.flows import Flow
from domain.auth.errors import AccountDeactivated, AccountThrottled, InvalidCredentials
from domain.auth.sessions import AuthStrength
from domain.codes import normalize_code
from domain.errors import IdempotencyKeyReused, InvalidInput, Overloaded, ResendTooSoon, WrongCode, WrongStep
from workflows.auth.sign_in import ProveDevice, ProveSecondFactor, SignIn, SignInAnswer
from workflows.flows import FlowCommand

router = APIRouter(prefix="/auth", tags=["auth"])

FLOW_STARTED_RESPONSES: Responses = {
    202: {"model": Answer[Flow], "description": "`next` says what is still to be proved."}
}


@router.post(
    "/login",
    dependencies=[open_to_all, by_failures],
    response_model=Answer[SessionView],
    responses={
        **FLOW_STARTED_RESPONSES,
        **error_responses(
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
    body: LoginRequest,
    resources: ResourcesDep,
    idempotent: IdempotentDep,
    throttle: LoginThrottleDep,
    gate: SignInGateDep,
) -> Response:
    """Sign in by password: a session on a trusted device, a flow elsewhere. Unknown names and wrong passwords answer
    alike.
    """
    await idempotent.find_answer(body)
    device = body.fingerprint_hashed
    verified = await verify_password(body.email_or_username, body.password, resources, throttle, fingerprint=device)
    if not verified.user.is_active:
        raise AccountDeactivated
    await idempotent.claim(body)
    proof = FirstProof(
        user=verified.user,
        auth_strength=AuthStrength.PASSWORD,
        device=body.device_fields,
        is_device_trusted=verified.is_device_trusted,
        has_second_factor=verified.has_second_factor,
        request_key=idempotent.request_key,
        body_hash=idempotent.key.body_hash(body),
    )
    return await gate.sign_in(proof)


@router.post(
    "/login/fingerprint/email-verification",
    dependencies=[open_to_all, strict],
    response_model=Answer[SessionView],
    responses={
        **FLOW_STARTED_RESPONSES,
        **error_responses(WrongCode, WrongStep, InvalidCredentials, *FLOW_ERRORS, has_body=True),
    },
)
async def prove_device(
    body: DeviceCodeRequest,
    hashes: HashesDep,
    flows: FlowsDep,
    now: NowDep,
    request_key: RequestKeyDep,
    gate: SignInGateDep,
) -> Response:
    """Prove the device by the mailed code. It is trusted from the end of the sign-in on."""
    command = ProveDevice(hashes.code_proof(body.flow_id, normalize_code(body.code)), now, request_key.body_hash(body))
    proved = await flows.send_update(body.flow_id, SignIn.prove_device, command, kind=KIND, update_id=request_key.value)
    return await _sign_in_response(proved, body.flow_id, gate)


@router.post(
    "/login/fingerprint/resend-email-verification",
    dependencies=[open_to_all, start],
    status_code=202,
    response_model=Answer[Flow],
    responses=error_responses(ResendTooSoon, WrongStep, *FLOW_ERRORS, has_body=True),
)
async def resend_device_code(
    body: DeviceResendRequest, flows: FlowsDep, now: NowDep, request_key: RequestKeyDep
) -> Response:
    """Mail a new code, once a minute and five times at most. Older codes are void."""
    step = FlowCommand(now, request_key.body_hash(body))
    sent = await flows.send_update(body.flow_id, SignIn.resend, step, kind=KIND, update_id=request_key.value)
    return accepted_response(view_after(sent, body.flow_id), "Device verification sent")


@router.post(
    "/2fa/login",
    dependencies=[open_to_all, strict],
    response_model=Answer[SessionView],
    responses={
        **FLOW_STARTED_RESPONSES,
        **error_responses(WrongCode, WrongStep, InvalidCredentials, InvalidInput, *FLOW_ERRORS, has_body=True),
    },
)
async def prove_second_factor(
    body: SecondFactorRequest, flows: FlowsDep, now: NowDep, request_key: RequestKeyDep, gate: SignInGateDep
) -> Response:
    """Prove the second factor by a one-time password or a recovery code."""
    command = ProveSecondFactor(body.second, now, request_key.body_hash(body), trusts_device=body.trust_device)
    proved = await flows.send_update(
        body.flow_id, SignIn.prove_second_factor, command, kind=KIND, update_id=request_key.value
    )
    return await _sign_in_response(proved, body.flow_id, gate)


async def _sign_in_response(proved: SignInAnswer | None, flow_id: str, gate: Gate) -> Response:
    """Return the session, or 202 while the flow runs or needs another proof. Raises FlowClosed."""
    if proved is None:
        return accepted_response(running_view(flow_id))
    if proved.session_id is None:
        return accepted_response(proved.view, "One more proof is needed")
    return await gate.session_response(proved.session_id)
