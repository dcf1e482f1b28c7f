"""Sign in: a password on a trusted device, or a flow that proves the device, the second factor, or both."""

import asyncio
from dataclasses import dataclass

from fastapi import APIRouter, Response

from api.answers import accepted, answer
from api.auth import Tokens as SessionTokens
from api.deps import Flows, Hashes, Known, LoginThrottle, Now, Occasion, Once, Repeatable, Resources, Tokens
from api.errors import FLOW_ERRORS, Responses, problems
from api.flows import Start, running
from api.limits import by_failures, identifier_key, start, strict
from api.schemas.envelope import Answer
from api.schemas.flows import Flow
from api.schemas.sessions import LoginRequest, SessionView
from api.schemas.sign_in import DeviceCodeRequest, DeviceResendRequest, SecondFactorRequest
from domain import errors
from domain.codes import canonical_code
from domain.devices import DeviceFacts, DeviceFields
from domain.email_address import email_key
from domain.flows import FlowKind
from domain.password import normal_password
from domain.security_events import EventKind
from domain.sessions import AuthStrength, Opening, opening_of
from domain.users import User
from workflows.flows import FlowStep
from workflows.queues import Queue
from workflows.sign_in import ProveDevice, ProveSecondFactor, SignIn, SignInAnswer, SignInOrder

router = APIRouter(prefix="/auth", tags=["sign-in"])

KIND = FlowKind.SIGN_IN
GOES_ON: Responses = {202: {"model": Answer[Flow], "description": "`next` says what is still to be proved."}}


@dataclass(frozen=True)
class _Needs:
    """What a right password still lacks."""

    device_code: bool
    second_factor: bool


@router.post(
    "/login",
    dependencies=[by_failures],
    response_model=Answer[SessionView],
    responses={
        **GOES_ON,
        **problems(
            errors.InvalidCredentials,
            errors.AccountDeactivated,
            errors.AccountThrottled,
            errors.IdempotencyKeyReused,
            errors.Overloaded,
            has_body=True,
        ),
    },
)
async def login(
    body: LoginRequest,
    resources: Resources,
    hashes: Hashes,
    tokens: Tokens,
    flows: Flows,
    occasion: Occasion,
    once: Once,
    known: Known,
    throttle: LoginThrottle,
) -> Response:
    """A session on a trusted device; elsewhere a flow. Unknown names and wrong passwords answer alike."""
    await once.earlier(body)
    user = await _proved_user(body, resources, throttle)
    await once.claim(body)
    facts = DeviceFacts(hashes.fingerprint(user.user_id, body.fingerprint_hashed), body.browser, body.device)
    needs = await _needs(user, facts, resources)
    body_hash = once.repeat.body_hash(body)
    if needs.device_code or needs.second_factor:
        order = _order(body, user, needs, occasion, resources, body_hash, hashes.flow_id(KIND, once.request))
        begun = await flows.start(_start(order, hashes), SignIn.begun, FlowStep(occasion.now, body_hash))
        return accepted(begun.view if begun else running(order.flow_id), "One more proof is needed")
    opening = _opening(body, user, facts, occasion, once.request)
    if not await resources.sessions.open(opening):
        raise errors.InvalidCredentials
    await known.account_changed(user.user_id)
    return await _signed_in(opening.session.session_id, resources, tokens, occasion.now)


@router.post(
    "/login/fingerprint/email-verification",
    dependencies=[strict],
    response_model=Answer[SessionView],
    responses={**GOES_ON, **problems(errors.WrongCode, errors.WrongStep, *FLOW_ERRORS, has_body=True)},
)
async def prove_device(
    body: DeviceCodeRequest,
    resources: Resources,
    hashes: Hashes,
    tokens: Tokens,
    flows: Flows,
    now: Now,
    repeat: Repeatable,
) -> Response:
    """Prove the device by the mailed code. It is trusted from the end of the sign-in on."""
    ask = ProveDevice(hashes.proof(body.flow_id, canonical_code(body.code)), now, repeat.body_hash(body))
    proved = await flows.ask(body.flow_id, SignIn.prove_device, ask, kind=KIND, update_id=repeat.request)
    return await _outcome(proved, body.flow_id, resources, tokens, now)


@router.post(
    "/login/fingerprint/resend-email-verification",
    dependencies=[start],
    status_code=202,
    response_model=Answer[Flow],
    responses=problems(errors.ResendTooSoon, errors.WrongStep, *FLOW_ERRORS, has_body=True),
)
async def resend(body: DeviceResendRequest, flows: Flows, now: Now, repeat: Repeatable) -> Response:
    """Mail a new code, once a minute and five times at most. Older codes are void."""
    step = FlowStep(now, repeat.body_hash(body))
    sent = await flows.ask(body.flow_id, SignIn.resend, step, kind=KIND, update_id=repeat.request)
    return accepted(sent.view if sent else running(body.flow_id), "Device verification sent")


@router.post(
    "/2fa/login",
    dependencies=[strict],
    response_model=Answer[SessionView],
    responses={
        **GOES_ON,
        **problems(errors.WrongCode, errors.WrongStep, errors.InvalidInput, *FLOW_ERRORS, has_body=True),
    },
)
async def prove_second_factor(
    body: SecondFactorRequest, resources: Resources, tokens: Tokens, flows: Flows, now: Now, repeat: Repeatable
) -> Response:
    """Prove the second factor by a one-time password or a recovery code."""
    ask = ProveSecondFactor(body.second, now, repeat.body_hash(body), trusts_device=body.trust_device)
    proved = await flows.ask(body.flow_id, SignIn.prove_second_factor, ask, kind=KIND, update_id=repeat.request)
    return await _outcome(proved, body.flow_id, resources, tokens, now)


async def _proved_user(body: LoginRequest, resources: Resources, throttle: LoginThrottle) -> User:
    """The account, once its password is proved. The same work for a name that nobody has."""
    key, password = identifier_key(body.email_or_username), normal_password(body.password)
    user, encoded = await resources.users.find_credentials(key) or (None, None)
    lane = await throttle.enter(key, user, body.fingerprint_hashed)
    checked = None if await throttle.is_capped(lane) else encoded
    is_right = await resources.passwords.is_right(password, checked)
    if user is None or encoded is None or not is_right:
        await throttle.failed(lane)
        raise errors.InvalidCredentials
    await throttle.require_room(lane)
    if not user.is_active:
        raise errors.AccountDeactivated
    if resources.passwords.is_outdated(encoded):
        newest = await resources.passwords.hash(password)
        await resources.password_hashes.upgrade(user.user_id, old=encoded, new=newest)
    return user


async def _needs(user: User, facts: DeviceFacts, resources: Resources) -> _Needs:
    device, two_factor = await asyncio.gather(
        resources.devices.find(user.user_id, facts.fingerprint), resources.two_factors.find(user.user_id)
    )
    return _Needs(
        device_code=device is None or not device.is_trusted,
        second_factor=two_factor is not None and two_factor.is_enabled,
    )


def _opening(body: LoginRequest, user: User, facts: DeviceFacts, occasion: Occasion, request: str | None) -> Opening:
    """A repeated request opens the session it has opened before."""
    hashes = occasion.hashes
    return opening_of(
        occasion.event(EventKind.SIGNED_IN, user.user_id, device=facts.label),
        facts,
        session_id=hashes.object_id(request, "session") if request else hashes.new_object_id(),
        username=user.username,
        role=user.role,
        device_id=hashes.device_id(user.user_id, facts.fingerprint),
        app=body.app,
        auth_strength=(AuthStrength.PASSWORD,),
        epoch=user.session_epoch,
        trusts_device=False,
    )


def _order(
    body: LoginRequest,
    user: User,
    needs: _Needs,
    occasion: Occasion,
    resources: Resources,
    body_hash: str,
    flow_id: str,
) -> SignInOrder:
    return SignInOrder(
        flow_id=flow_id,
        user_id=user.user_id,
        user_key=occasion.hashes.workflow_key(user.user_id),
        username=user.username,
        role=user.role,
        email_address=user.email_address,
        device=DeviceFields(body.fingerprint_hashed, body.browser, body.device, body.app),
        address_prefix=occasion.address_prefix,
        epoch=user.session_epoch,
        needs_device_code=needs.device_code,
        needs_second_factor=needs.second_factor,
        asked_at=occasion.now,
        key_id=resources.codes.current_key_id,
        code_life_seconds=resources.code_life_seconds,
        body_hash=body_hash,
    )


def _start(order: SignInOrder, hashes: Hashes) -> Start[SignInOrder]:
    return Start(
        run=SignIn.run,
        order=order,
        kind=KIND,
        flow_id=order.flow_id,
        queue=Queue.IDENTITY,
        subject_hash=hashes.subject(email_key(order.email_address)),
        summary="Sign-in that needs more than the password",
    )


async def _outcome(
    proved: SignInAnswer | None, flow_id: str, resources: Resources, tokens: SessionTokens, now: Now
) -> Response:
    if proved is None:
        return accepted(running(flow_id))
    if proved.session_id is None:
        return accepted(proved.view, "One more proof is needed")
    return await _signed_in(proved.session_id, resources, tokens, now)


async def _signed_in(session_id: str, resources: Resources, tokens: SessionTokens, now: Now) -> Response:
    """The session with its tokens. Raises FlowClosed when it is gone already."""
    session = await resources.sessions.find(session_id)
    if session is None:
        raise errors.FlowClosed
    return answer(tokens.first_of(session, now), "Login successful")
