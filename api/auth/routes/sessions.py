"""Sessions: refresh, list, revoke, sign out, and validation of access tokens."""

import asyncio
from datetime import datetime

from fastapi import APIRouter, Response

from api.access.permits import open_to_all, permit
from api.access.request_context import RequestContext as RequestOccasion
from api.access.route_limits import device_std, device_strict, std
from api.auth.deps import ResourcesDep, TokensDep
from api.auth.schemas.sessions import (
    AccessTokenClaims,
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
from api.deps import AuthenticatorDep, DeviceCallerDep, NoticeTriggerDep, NowDep, RequestContextDep, SessionCacheDep
from api.http.errors import DEVICE_ERRORS, TOKEN_ERRORS, error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer
from domain.auth.errors import SessionExpired, SessionInvalid, SessionNotFound, SessionReused, SessionRevoked
from domain.auth.sessions import ParsedSessionToken, Session, refusal_for_generation, refusal_for_session
from domain.errors import DecodeError
from domain.users.permissions import Need, Permission
from domain.users.security_events import EventKind

router = APIRouter(prefix="/auth/session", tags=["sessions"])


@router.post(
    "/refresh",
    dependencies=[open_to_all, std],
    response_model=Answer[SessionView],
    responses=error_responses(SessionInvalid, SessionExpired, SessionRevoked, SessionReused, has_body=True),
)
async def refresh(
    body: SessionTokenRequest,
    resources: ResourcesDep,
    tokens: TokensDep,
    context: RequestContextDep,
    session_cache: SessionCacheDep,
    notice_trigger: NoticeTriggerDep,
) -> Response:
    """Get new tokens for a session token. Asked twice with one token, it gives the same successor; a stolen one ends
    the session.
    """
    presented = tokens.sessions.parse(body.session_token)
    session, refusal = await _advance_session(presented, resources, context.now)
    if refusal is SessionReused:
        await _end_reused(session, resources, context, session_cache, notice_trigger)
    if refusal is not None:
        raise refusal
    return success_response(tokens.issue(session, context.now), "Session refreshed")


async def _advance_session(
    presented: ParsedSessionToken, resources: ResourcesDep, now: datetime
) -> tuple[Session, type[DecodeError] | None]:
    """Return the session advanced by one generation, here or by a parallel refresh; or the session and the error class.

    Raises SessionInvalid for an unknown session.
    """
    advanced = await resources.auth.sessions.advance_generation(
        presented.session_id, generation=presented.generation, now=now
    )
    if advanced is not None:
        return advanced, None
    session = await resources.auth.sessions.find(presented.session_id)
    if session is None:
        raise SessionInvalid
    return session, refusal_for_session(session, now) or refusal_for_generation(session, presented.generation, now)


async def _end_reused(
    session: Session,
    resources: ResourcesDep,
    context: RequestOccasion,
    session_cache: SessionCacheDep,
    notice_trigger: NoticeTriggerDep,
) -> None:
    """Revoke the session of a token that was reused after its grace period: it was copied, and the legitimate holder is
    unknown.
    """
    event = context.new_event(EventKind.SESSION_REUSED, session.user_id, device=None)
    await resources.auth.sessions.revoke(session.session_id, event)
    await asyncio.gather(session_cache.invalidate_session(session.session_id), notice_trigger.trigger(event))


@router.post(
    "/logout", dependencies=[open_to_all, std], response_model=Answer[None], responses=error_responses(has_body=True)
)
async def logout(
    body: SessionTokenRequest, resources: ResourcesDep, tokens: TokensDep, session_cache: SessionCacheDep, now: NowDep
) -> Response:
    """End a session. The answer is the same for any token, known or not."""
    try:
        presented = tokens.sessions.parse(body.session_token)
    except SessionInvalid:
        return success_response(None, "Session revoked")
    await resources.auth.sessions.end(presented.session_id, now)
    await session_cache.invalidate_session(presented.session_id)
    return success_response(None, "Session revoked")


@router.get(
    "/active",
    dependencies=[permit(Permission.ACCOUNT_READ, Need.DEVICE), device_std],
    response_model=Answer[ActiveSessions],
    responses=error_responses(*DEVICE_ERRORS),
)
async def list_active(caller: DeviceCallerDep, resources: ResourcesDep, now: NowDep) -> Response:
    """List where the caller is signed in, newest first, without any token."""
    listed = await resources.auth.sessions.list_active(caller.user, now)
    current = caller.session.session_id
    views = [
        ActiveSession.of(session, device=DeviceName.of(device), current=session.session_id == current)
        for session, device in listed
    ]
    return success_response(ActiveSessions(sessions=views), "Sessions found")


@router.post(
    "/revoke",
    dependencies=[permit(Permission.ACCOUNT_MANAGE, Need.DEVICE), device_strict],
    response_model=Answer[None],
    responses=error_responses(*DEVICE_ERRORS, SessionNotFound, has_body=True),
)
async def revoke(
    body: RevokeSessionRequest,
    caller: DeviceCallerDep,
    resources: ResourcesDep,
    context: RequestContextDep,
    session_cache: SessionCacheDep,
) -> Response:
    """End one of the caller's sessions."""
    event = context.new_event(EventKind.SESSION_REVOKED, caller.user.user_id, device=caller.device.info.label)
    if not await resources.auth.sessions.revoke(body.session_id, event):
        raise SessionNotFound
    await session_cache.invalidate_session(body.session_id)
    return success_response(None, "Session revoked")


@router.post(
    "/revoke-all",
    dependencies=[permit(Permission.ACCOUNT_MANAGE, Need.DEVICE), device_strict],
    response_model=Answer[RevokedCount],
    responses=error_responses(*DEVICE_ERRORS, has_body=True),
)
async def revoke_all(
    body: OptionalRevokeAll,
    caller: DeviceCallerDep,
    resources: ResourcesDep,
    context: RequestContextDep,
    session_cache: SessionCacheDep,
) -> Response:
    """End the caller's sessions, all but this one unless that is asked for too, and with them what is under way:
    sign-ins, resets of the password, changes of name and address.
    """
    user_id = caller.user.user_id
    event = context.new_event(EventKind.SESSIONS_REVOKED, user_id, device=caller.device.info.label)
    kept = caller.session.session_id if body.keep_current else None
    revoked = await resources.auth.sessions.revoke_all(event, keep=kept)
    if revoked is None:
        raise SessionRevoked
    await session_cache.invalidate_user(user_id)
    return success_response(RevokedCount(revoked=revoked), "Sessions revoked")


@router.post(
    "/validate-access",
    dependencies=[open_to_all, std],
    response_model=Answer[AccessTokenClaims],
    responses=error_responses(*TOKEN_ERRORS, has_body=True),
)
async def validate_access_token(body: AccessTokenRequest, check: AuthenticatorDep, now: NowDep) -> Response:
    """Return the claims of an access token whose session is alive. The role is as it was when the token was minted."""
    await check.authenticate(body.access_token, now)
    return success_response({**check.access.claims(body.access_token)}, "Access token valid")
