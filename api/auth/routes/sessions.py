"""Stay signed in, see where one is signed in, sign out."""

import asyncio
from datetime import datetime

from fastapi import APIRouter, Response

from api.access.request_context import Occasion as RequestOccasion
from api.access.route_limits import device_std, device_strict, std
from api.auth.deps import Resources, Tokens
from api.auth.schemas.sessions import (
    AccessTokenRequest,
    ActiveSession,
    ActiveSessions,
    DeviceName,
    OptionalRevokeAll,
    RevokedCount,
    RevokeSessionRequest,
    SessionTokenRequest,
    SessionView,
)
from api.deps import AccessCheck, DeviceCaller, Known, Notices, Now, Occasion
from api.http.errors import CALLER_ERRORS, DEVICE_ERRORS, problems
from api.http.responses import answer
from api.schemas.envelope import Answer
from domain.auth.errors import SessionExpired, SessionInvalid, SessionNotFound, SessionReused, SessionRevoked
from domain.auth.sessions import PresentedToken, Session, judge_generation, judge_session
from domain.errors import DecodeError
from domain.users.security_events import EventKind

router = APIRouter(prefix="/auth/session", tags=["sessions"])


@router.post(
    "/refresh",
    dependencies=[std],
    response_model=Answer[SessionView],
    responses=problems(SessionInvalid, SessionExpired, SessionRevoked, SessionReused, has_body=True),
)
async def refresh(
    body: SessionTokenRequest,
    resources: Resources,
    tokens: Tokens,
    occasion: Occasion,
    known: Known,
    notices: Notices,
) -> Response:
    """New tokens for old. Asked twice with one token, it gives the same successor; a stolen one ends the session."""
    presented = tokens.sessions.parse(body.session_token)
    session, refusal = await _successor(presented, resources, occasion.now)
    if refusal is SessionReused:
        await _end_stolen(session, resources, occasion, known, notices)
    if refusal is not None:
        raise refusal
    return answer(tokens.signed_in(session, occasion.now), "Session refreshed")


async def _successor(
    presented: PresentedToken, resources: Resources, now: datetime
) -> tuple[Session, type[DecodeError] | None]:
    """The session one generation on, moved by this call or by its twin a moment before; or why there is none."""
    advanced = await resources.auth.sessions.advance(presented.session_id, generation=presented.generation, now=now)
    if advanced is not None:
        return advanced, None
    session = await resources.auth.sessions.find(presented.session_id)
    if session is None:
        raise SessionInvalid
    return session, judge_session(session, now) or judge_generation(session, presented.generation, now)


async def _end_stolen(
    session: Session, resources: Resources, occasion: RequestOccasion, known: Known, notices: Notices
) -> None:
    """An old token came back outside its grace: somebody copied it, and nobody knows who is who."""
    event = occasion.event(EventKind.SESSION_REUSED, session.user_id, device=None)
    await resources.auth.sessions.revoke(session.session_id, event)
    await asyncio.gather(known.session_ended(session.session_id), notices.kick(event))


@router.post("/logout", dependencies=[std], response_model=Answer[None], responses=problems(has_body=True))
async def logout(body: SessionTokenRequest, resources: Resources, tokens: Tokens, known: Known, now: Now) -> Response:
    """End a session. The answer is the same for any token, known or not."""
    try:
        presented = tokens.sessions.parse(body.session_token)
    except SessionInvalid:
        return answer(None, "Session revoked")
    await resources.auth.sessions.end(presented.session_id, now)
    await known.session_ended(presented.session_id)
    return answer(None, "Session revoked")


@router.get(
    "/active", dependencies=[device_std], response_model=Answer[ActiveSessions], responses=problems(*DEVICE_ERRORS)
)
async def active(caller: DeviceCaller, resources: Resources, now: Now) -> Response:
    """Where the caller is signed in, newest first, without any token."""
    listed = await resources.auth.sessions.list_active(caller.user, now)
    current = caller.session.session_id
    views = [
        ActiveSession.of(session, device=DeviceName.of(device), current=session.session_id == current)
        for session, device in listed
    ]
    return answer(ActiveSessions(sessions=views), "Sessions found")


@router.post(
    "/revoke",
    dependencies=[device_strict],
    response_model=Answer[None],
    responses=problems(*DEVICE_ERRORS, SessionNotFound, has_body=True),
)
async def revoke(
    body: RevokeSessionRequest, caller: DeviceCaller, resources: Resources, occasion: Occasion, known: Known
) -> Response:
    """End one of the caller's sessions."""
    event = occasion.event(EventKind.SESSION_REVOKED, caller.user.user_id, device=caller.device.facts.label)
    if not await resources.auth.sessions.revoke(body.session_id, event):
        raise SessionNotFound
    await known.session_ended(body.session_id)
    return answer(None, "Session revoked")


@router.post(
    "/revoke-all",
    dependencies=[device_strict],
    response_model=Answer[RevokedCount],
    responses=problems(*DEVICE_ERRORS, has_body=True),
)
async def revoke_all(
    body: OptionalRevokeAll, caller: DeviceCaller, resources: Resources, occasion: Occasion, known: Known
) -> Response:
    """End the caller's sessions, all but this one unless that is asked for too."""
    user_id = caller.user.user_id
    event = occasion.event(EventKind.SESSIONS_REVOKED, user_id, device=caller.device.facts.label)
    kept = caller.session.session_id if body.keep_current else None
    revoked = await resources.auth.sessions.revoke_all(event, except_session=kept)
    await known.account_changed(user_id)
    return answer(RevokedCount(revoked=revoked), "Sessions revoked")


@router.post(
    "/validate-access",
    dependencies=[std],
    response_model=Answer[dict[str, object]],
    responses=problems(*CALLER_ERRORS, has_body=True),
)
async def validate_access(body: AccessTokenRequest, check: AccessCheck, now: Now) -> Response:
    """The claims of an access token whose session is alive. The role is as it was when the token was minted."""
    await check.caller(body.access_token, now)
    return answer({**check.access.claims(body.access_token)}, "Access token valid")
