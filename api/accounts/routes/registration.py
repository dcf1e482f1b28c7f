"""Registration: request an account, prove the email address by a code, get a session."""

import asyncio

from fastapi import APIRouter, Response

from api.access.route_limits import start, strict
from api.accounts.deps import ResourcesDep
from api.accounts.schemas.registration import Registered, RegisterRequest, ResendRequest, VerifyEmailRequest
from api.auth.deps import TokensDep
from api.auth.password_policy import is_password_refused
from api.deps import FlowsDep, HashesDep, LimitsDep, NowDep, RequestKeyDep
from api.flows.client import running_view, view_after
from api.flows.start import FlowStart
from api.http.errors import FLOW_ERRORS, error_responses
from api.http.responses import accepted_response, success_response
from api.schemas.envelope import Answer
from api.schemas.flows import Flow
from api.users.schemas.users import Profile
from domain.accounts.errors import UsernameTaken
from domain.auth.devices import DeviceInput
from domain.auth.errors import WeakPassword
from domain.auth.password import normalize_password
from domain.codes import normalize_code
from domain.email_address import email_key, local_part
from domain.errors import FlowClosed, IdempotencyKeyReused, Overloaded, ResendTooSoon, WrongCode
from domain.flows import FlowKind
from domain.username import is_reserved
from workflows.accounts.registration import RegisteredAccount as RegistrationEnd
from workflows.accounts.registration import Registration, RegistrationInput, VerifyEmail
from workflows.flows import FlowCommand
from workflows.queues import Queue

router = APIRouter(prefix="/auth/register", tags=["registration"])

KIND = FlowKind.REGISTRATION


@router.post(
    "/email-verification",
    dependencies=[start],
    status_code=202,
    response_model=Answer[Flow],
    responses=error_responses(UsernameTaken, WeakPassword, IdempotencyKeyReused, Overloaded, has_body=True),
)
async def begin(
    body: RegisterRequest,
    resources: ResourcesDep,
    hashes: HashesDep,
    flows: FlowsDep,
    now: NowDep,
    request_key: RequestKeyDep,
    limits: LimitsDep,
) -> Response:
    """Hold the username and mail a code. The answer is the same whether or not the address is known."""
    password = normalize_password(body.password)
    if await is_password_refused(password, resources, context=(body.username, local_part(body.email))):
        raise WeakPassword
    if is_reserved(body.username):
        raise UsernameTaken
    password_hashed, holder = await asyncio.gather(
        resources.auth.password_hasher.hash(password),
        resources.accounts.registrations.find_address_holder(body.email, now),
    )
    input = RegistrationInput(
        flow_id=hashes.new_flow_id(KIND, request_key.value),
        username=body.username,
        email_address=body.email,
        password_hashed=password_hashed,
        is_known=holder is not None,
        asked_at=now,
        key_id=resources.codes.current_key_id,
        code_life_seconds=resources.code_life_seconds,
        body_hash=request_key.body_hash(body),
        address_key=limits.address_key,
        holder=holder,
    )
    start = FlowStart(
        run=Registration.run,
        input=input,
        queue=Queue.IDENTITY,
        subject_hash=hashes.subject_hash(email_key(body.email)),
        summary="Registration of a new account",
    )
    return accepted_response(await flows.start(start, Registration.wait_started, now), "Email verification sent")


@router.post(
    "/send-email-verification",
    dependencies=[start],
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
    dependencies=[strict],
    status_code=201,
    response_model=Answer[Registered],
    responses={
        202: {"model": Answer[Flow], "description": "The code was taken; the account is still being made."},
        **error_responses(WrongCode, UsernameTaken, *FLOW_ERRORS, has_body=True),
    },
)
async def verify_email(
    body: VerifyEmailRequest,
    resources: ResourcesDep,
    hashes: HashesDep,
    tokens: TokensDep,
    flows: FlowsDep,
    now: NowDep,
    request_key: RequestKeyDep,
) -> Response:
    """Prove the mail address by the mailed code. With the device fields the answer is a session on that device, which
    is trusted.
    """
    command = VerifyEmail(
        proof=hashes.code_proof(body.flow_id, normalize_code(body.code)),
        asked_at=now,
        body_hash=request_key.body_hash(body),
        device=_device(body),
    )
    verified = await flows.send_update(
        body.flow_id, Registration.verify, command, kind=KIND, update_id=request_key.value
    )
    if verified is None or verified.registered is None:
        return accepted_response(running_view(body.flow_id))
    registered = await _registered(verified.registered, resources, tokens, now)
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
