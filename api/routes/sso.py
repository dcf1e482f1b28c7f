"""Carry a sign-in over to another app on the same device, by a token that works once."""

from datetime import timedelta

from fastapi import APIRouter, Response

from api.answers import answer
from api.auth import DeviceCaller as CallerOnDevice
from api.deps import DeviceCaller, Hashes, Known, Now, Occasion, Resources, Tokens
from api.errors import DEVICE_ERRORS, problems
from api.limits import device_std, strict
from api.schemas.envelope import Answer
from api.schemas.sessions import SessionView
from api.schemas.sso import CreateSsoTokenRequest, SsoTokenView, ValidateSsoTokenRequest
from domain import errors
from domain.security_events import EventKind
from domain.sessions import judge_access, opening_of

router = APIRouter(prefix="/auth/sso", tags=["sso"])

LIFE = timedelta(seconds=60)
PURPOSE = "sso"


@router.post(
    "/create",
    dependencies=[device_std],
    status_code=201,
    response_model=Answer[SsoTokenView],
    responses=problems(*DEVICE_ERRORS, has_body=True),
)
async def create(
    body: CreateSsoTokenRequest, caller: DeviceCaller, resources: Resources, hashes: Hashes, now: Now
) -> Response:
    """A token of 256 bits for one app, good once and for a minute."""
    token = hashes.new_ticket()
    value = {"session_id": caller.session.session_id}
    await resources.tickets.put(hashes.ticket(body.app, token), purpose=PURPOSE, value=value, expires_at=now + LIFE)
    return answer(SsoTokenView(sso_token=token, expires_in=int(LIFE.total_seconds())), "SSO token created", 201)


@router.post(
    "/validate",
    dependencies=[strict],
    response_model=Answer[SessionView],
    responses=problems(errors.SsoTokenInvalid, has_body=True),
)
async def validate(
    body: ValidateSsoTokenRequest,
    resources: Resources,
    hashes: Hashes,
    tokens: Tokens,
    occasion: Occasion,
    known: Known,
) -> Response:
    """A session for the app, proved as strongly as the one the token came from. It is not stepped up."""
    ticket = hashes.ticket(body.app, body.sso_token)
    value = await resources.tickets.take(ticket, purpose=PURPOSE, now=occasion.now)
    origin = await _origin(str(value["session_id"]), resources, occasion.now) if value else None
    if origin is None:
        raise errors.SsoTokenInvalid
    opening = opening_of(
        occasion.event(EventKind.SIGNED_IN, origin.user.user_id, device=origin.device.facts.label),
        origin.device.facts,
        session_id=hashes.new_object_id(),
        username=origin.user.username,
        role=origin.user.role,
        device_id=origin.device.device_id,
        app=body.app,
        auth_strength=origin.session.auth_strength,
        epoch=origin.session.epoch,
        trusts_device=False,
        is_stepped_up=False,
    )
    if not await resources.sessions.open(opening):
        raise errors.SsoTokenInvalid
    await known.account_changed(origin.user.user_id)
    return answer(tokens.signed_in(opening.session, occasion.now), "Signed in")


async def _origin(session_id: str, resources: Resources, now: Now) -> CallerOnDevice | None:
    """The session that made the token: it must still be good, so that its end ends the token too."""
    session, user, device = await resources.sessions.find_with_device(session_id) or (None, None, None)
    if session is None or user is None or device is None or judge_access(session, user, now):
        return None
    return CallerOnDevice(user, session, device)
