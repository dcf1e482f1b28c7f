"""Create an account: ask for it, prove the address by a code, be signed in."""

import asyncio

from fastapi import APIRouter, Response

from api.access.route_limits import start, strict
from api.accounts.deps import Resources
from api.accounts.schemas.registration import Registered, RegisterRequest, ResendRequest, VerifyEmailRequest
from api.auth.deps import Tokens
from api.auth.password_policy import is_refused
from api.deps import Flows, Hashes, Limits, Now, Repeatable
from api.flows.client import running, view_after
from api.flows.start import Start
from api.http.errors import FLOW_ERRORS, problems
from api.http.responses import accepted, answer
from api.schemas.envelope import Answer
from api.schemas.flows import Flow
from api.users.schemas.users import Profile
from domain.accounts.errors import UsernameTaken
from domain.auth.devices import DeviceFields
from domain.auth.errors import WeakPassword
from domain.auth.password import normal_password
from domain.codes import canonical_code
from domain.email_address import email_key, local_part
from domain.errors import FlowClosed, IdempotencyKeyReused, Overloaded, ResendTooSoon, WrongCode
from domain.flows import FlowKind
from domain.username import is_reserved
from workflows.accounts.registration import Registered as RegistrationEnd
from workflows.accounts.registration import Registration, RegistrationOrder, VerifyEmail
from workflows.flows import FlowStep
from workflows.queues import Queue

router = APIRouter(prefix="/auth/register", tags=["registration"])

KIND = FlowKind.REGISTRATION


@router.post(
    "/email-verification",
    dependencies=[start],
    status_code=202,
    response_model=Answer[Flow],
    responses=problems(UsernameTaken, WeakPassword, IdempotencyKeyReused, Overloaded, has_body=True),
)
async def register(
    body: RegisterRequest,
    resources: Resources,
    hashes: Hashes,
    flows: Flows,
    now: Now,
    repeat: Repeatable,
    limits: Limits,
) -> Response:
    """Hold the username and mail a code. The answer is the same whether or not the address is known."""
    password = normal_password(body.password)
    if await is_refused(password, resources, context=(body.username, local_part(body.email))):
        raise WeakPassword
    if is_reserved(body.username):
        raise UsernameTaken
    key = email_key(body.email)
    password_hashed, *is_somebodys = await asyncio.gather(
        resources.auth.passwords.hash(password),
        resources.users.users.is_email_known(key),
        resources.accounts.registrations.is_held(hashes.email_hold(key), now),
    )
    order = RegistrationOrder(
        flow_id=hashes.flow_id(KIND, repeat.request),
        username=body.username,
        email_address=body.email,
        password_hashed=password_hashed,
        is_known=any(is_somebodys),
        asked_at=now,
        key_id=resources.codes.current_key_id,
        code_life_seconds=resources.code_life_seconds,
        body_hash=repeat.body_hash(body),
        address_key=limits.address_key,
    )
    start = Start(
        run=Registration.run,
        order=order,
        queue=Queue.IDENTITY,
        subject_hash=hashes.subject(key),
        summary="Registration of a new account",
    )
    return accepted(await flows.start(start, Registration.begun, now), "Email verification sent")


@router.post(
    "/send-email-verification",
    dependencies=[start],
    status_code=202,
    response_model=Answer[Flow],
    responses=problems(ResendTooSoon, *FLOW_ERRORS, has_body=True),
)
async def resend(body: ResendRequest, flows: Flows, now: Now, repeat: Repeatable) -> Response:
    """Mail a new code, once a minute and five times at most. Older codes are void."""
    step = FlowStep(now, repeat.body_hash(body))
    sent = await flows.ask(body.flow_id, Registration.resend, step, kind=KIND, update_id=repeat.request)
    return accepted(view_after(sent, body.flow_id), "Email verification sent")


@router.post(
    "/verify-email",
    dependencies=[strict],
    status_code=201,
    response_model=Answer[Registered],
    responses={
        202: {"model": Answer[Flow], "description": "The code was taken; the account is still being made."},
        **problems(WrongCode, UsernameTaken, *FLOW_ERRORS, has_body=True),
    },
)
async def verify(
    body: VerifyEmailRequest,
    resources: Resources,
    hashes: Hashes,
    tokens: Tokens,
    flows: Flows,
    now: Now,
    repeat: Repeatable,
) -> Response:
    """Prove the address. With the device fields the answer is a session on that device, which is trusted."""
    ask = VerifyEmail(
        proof=hashes.proof(body.flow_id, canonical_code(body.code)),
        asked_at=now,
        body_hash=repeat.body_hash(body),
        device=_device(body),
    )
    verified = await flows.ask(body.flow_id, Registration.verify, ask, kind=KIND, update_id=repeat.request)
    if verified is None or verified.registered is None:
        return accepted(running(body.flow_id))
    registered = await _registered(verified.registered, resources, tokens, now)
    return answer(registered, "User created successfully", 201)


def _device(body: VerifyEmailRequest) -> DeviceFields | None:
    if body.fingerprint_hashed is None:
        return None
    return DeviceFields(body.fingerprint_hashed, body.browser, body.device, body.app)


async def _registered(end: RegistrationEnd, resources: Resources, tokens: Tokens, now: Now) -> Registered:
    """The account and, where a device came along, its session. Raises FlowClosed once the account is gone."""
    if end.session_id is None:
        user = await resources.users.users.find(end.user_id)
        if user is None:
            raise FlowClosed
        return Registered(user=Profile.of(user), session=None)
    found = await resources.auth.sessions.find_with_user(end.session_id)
    if found is None:
        raise FlowClosed
    session, user = found
    return Registered(user=Profile.of(user), session=tokens.first_of(session, now))
