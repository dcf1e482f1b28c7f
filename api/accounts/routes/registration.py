"""Registration: request an account, prove the email address by a code, get a session."""

from fastapi import APIRouter, Response

from api.access.permits import open_to_all
from api.access.route_limits import start, strict
from api.accounts.deps import RegistrationGateDep, ResourcesDep
from api.accounts.registration_gate import KIND
from api.accounts.schemas.registration import Registered, RegisterRequest, ResendRequest, VerifyEmailRequest
from api.auth.deps import TokensDep
from api.deps import FlowsDep, HashesDep, NowDep, RequestContextDep, RequestKeyDep
from api.flows.client import running_view, view_after
from api.http.errors import FLOW_ERRORS, error_responses
from api.http.responses import ACCEPTED_RESPONSES, accepted_response, success_response
from api.schemas.envelope import Answer
from api.schemas.flows import Flow
from api.users.schemas.users import Profile
from domain.accounts.errors import UsernameTaken
from domain.auth.devices import DeviceInput
from domain.auth.errors import WeakPassword
from domain.codes import normalize_code
from domain.errors import FlowClosed, IdempotencyKeyReused, Overloaded, ResendTooSoon, WrongCode
from workflows.accounts.registration import RegisteredAccount as RegistrationEnd
from workflows.accounts.registration import Registration, VerifyEmail
from workflows.flows import FlowCommand

router = APIRouter(prefix="/auth/register", tags=["registration"])


@router.post(
    "/email-verification",
    dependencies=[open_to_all, start],
    status_code=202,
    response_model=Answer[Flow],
    responses=error_responses(UsernameTaken, WeakPassword, IdempotencyKeyReused, Overloaded, has_body=True),
)
async def begin(body: RegisterRequest, gate: RegistrationGateDep, request_key: RequestKeyDep) -> Response:
    """Hold the username and mail a code. The answer is the same whether or not the address is known."""
    return accepted_response(await gate.start(body, request_key), "Email verification sent")


@router.post(
    "/send-email-verification",
    dependencies=[open_to_all, start],
    status_code=202,
    response_model=Answer[Flow],
    responses=error_responses(ResendTooSoon, *FLOW_ERRORS, has_body=True),
)
async def resend_code(body: ResendRequest, flows: FlowsDep, now: NowDep, request_key: RequestKeyDep) -> Response:
    """Mail a new code, once a minute and five times at most. Older codes are void."""
    step = FlowCommand(now, request_key.body_hash(body))
    sent = await flows.send_update(body.flow_id, Registration.resend, step, kind=KIND, update_id=request_key.value)
    return accepted_response(view_after(sent, body.flow_id), "Email verification sent")


@router.post(
    "/verify-email",
    dependencies=[open_to_all, strict],
    status_code=201,
    response_model=Answer[Registered],
    responses={**ACCEPTED_RESPONSES, **error_responses(WrongCode, UsernameTaken, *FLOW_ERRORS, has_body=True)},
)
async def verify_email(
    body: VerifyEmailRequest,
    resources: ResourcesDep,
    hashes: HashesDep,
    tokens: TokensDep,
    flows: FlowsDep,
    context: RequestContextDep,
    request_key: RequestKeyDep,
) -> Response:
    """Prove the mail address by the mailed code. With the device fields the answer is a session on that device, which
    is trusted.
    """
    command = VerifyEmail(
        proof=hashes.code_proof(body.flow_id, normalize_code(body.code)),
        asked_at=context.now,
        body_hash=request_key.body_hash(body),
        device=_device(body),
        address_prefix=context.client_network,
    )
    verified = await flows.send_update(
        body.flow_id, Registration.verify, command, kind=KIND, update_id=request_key.value
    )
    if verified is None or verified.registered is None:
        return accepted_response(running_view(body.flow_id))
    registered = await _registered(verified.registered, resources, tokens, context.now)
    return success_response(registered, "User created successfully", 201)


def _device(body: VerifyEmailRequest) -> DeviceInput | None:
    if body.fingerprint_hashed is None:
        return None
    return DeviceInput(body.fingerprint_hashed, body.browser, body.device, body.app)


async def _registered(end: RegistrationEnd, resources: ResourcesDep, tokens: TokensDep, now: NowDep) -> Registered:
    """Return the account and, if the request named a device, its session. Raises FlowClosed if either is gone."""
    if end.session_id is None:
        user = await resources.users.users.find(end.user_id)
        if user is None:
            raise FlowClosed
        return Registered(user=Profile.of(user), session=None)
    session_and_user = await resources.auth.sessions.find_with_user(end.session_id)
    if session_and_user is None:
        raise FlowClosed
    session, user = session_and_user
    return Registered(user=Profile.of(user), session=tokens.issue_first(session, now))
