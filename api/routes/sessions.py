"""Sign in on a trusted device, stay signed in, sign out."""

from datetime import datetime

from fastapi import APIRouter, Response

from api.answers import answer
from api.deps import Hashes, Now, Resources, Tokens
from api.errors import problems
from api.schemas.envelope import Answer
from api.schemas.sessions import LoginRequest, SessionTokenRequest, SessionView
from domain import errors
from domain.devices import DeviceFacts
from domain.email_address import email_key
from domain.password import normal_password
from domain.sessions import AuthStrength, PresentedToken, Session, judge_generation, judge_session, new_session
from domain.username import username_key
from domain.users import User

router = APIRouter(prefix="/auth", tags=["sessions"])


@router.post(
    "/login",
    response_model=Answer[SessionView],
    responses=problems(
        errors.InvalidCredentials,
        errors.AccountDeactivated,
        errors.DeviceNotTrusted,
        errors.Overloaded,
        has_body=True,
    ),
)
async def login(body: LoginRequest, resources: Resources, hashes: Hashes, tokens: Tokens, now: Now) -> Response:
    """Sign in on a device this account has proved. Unknown names and wrong passwords answer alike."""
    user = await _proved_user(body, resources)
    fingerprint = hashes.fingerprint(user.user_id, body.fingerprint_hashed)
    device = await resources.devices.find(user.user_id, fingerprint)
    if device is None or not device.is_trusted:
        raise errors.DeviceNotTrusted
    session = new_session(
        session_id=hashes.new_object_id(),
        user_id=user.user_id,
        username=user.username,
        role=user.role,
        device_id=device.device_id,
        app=body.app,
        auth_strength=(AuthStrength.PASSWORD,),
        epoch=user.session_epoch,
        now=now,
    )
    await resources.sessions.open(session, DeviceFacts(fingerprint, body.browser, body.device))
    return answer(tokens.signed_in(session, now), "Login successful")


async def _proved_user(body: LoginRequest, resources: Resources) -> User:
    """The account, once its password is proved. The same work for a name that nobody has."""
    typed = body.email_or_username
    key = email_key(typed) if "@" in typed else username_key(typed)
    user, encoded = await resources.users.find_credentials(key) or (None, None)
    is_right = await resources.passwords.is_right(normal_password(body.password), encoded)
    if user is None or not is_right:
        raise errors.InvalidCredentials
    if not user.is_active:
        raise errors.AccountDeactivated
    return user


@router.post(
    "/session/refresh",
    response_model=Answer[SessionView],
    responses=problems(
        errors.SessionInvalid, errors.SessionExpired, errors.SessionRevoked, errors.SessionReused, has_body=True
    ),
)
async def refresh(body: SessionTokenRequest, resources: Resources, tokens: Tokens, now: Now) -> Response:
    """New tokens for old. Asked twice with one token, it gives the same successor; a stolen one ends the session."""
    presented = tokens.sessions.parse(body.session_token)
    session = await _successor(presented, resources, now)
    return answer(tokens.signed_in(session, now), "Session refreshed")


async def _successor(presented: PresentedToken, resources: Resources, now: datetime) -> Session:
    """The session one generation on, moved by this call or by its twin a moment before."""
    advanced = await resources.sessions.advance(presented.session_id, generation=presented.generation, now=now)
    if advanced is not None:
        return advanced
    session = await resources.sessions.find(presented.session_id)
    if session is None:
        raise errors.SessionInvalid
    refusal = judge_session(session, now) or judge_generation(session, presented.generation, now)
    if refusal is errors.SessionReused:
        await _end_stolen(session, resources, now)
    if refusal is not None:
        raise refusal
    return session


async def _end_stolen(session: Session, resources: Resources, now: datetime) -> None:
    """An old token came back outside its grace: somebody copied it, and nobody knows who is who."""
    await resources.sessions.revoke(session.session_id, reason="reused", now=now)
    await resources.security_events.record(session.user_id, kind="session_reused", severity="high", at=now)


@router.post("/session/logout", response_model=Answer[None], responses=problems(has_body=True))
async def logout(body: SessionTokenRequest, resources: Resources, tokens: Tokens, now: Now) -> Response:
    """End a session. The answer is the same for any token, known or not."""
    try:
        presented = tokens.sessions.parse(body.session_token)
    except errors.SessionInvalid:
        return answer(None, "Session revoked")
    await resources.sessions.revoke(presented.session_id, reason="logout", now=now)
    return answer(None, "Session revoked")
