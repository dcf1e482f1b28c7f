"""Carry a sign-in over to another app on the same device, by a token that works once."""

from datetime import timedelta

from fastapi import APIRouter, Response

from api.access.authentication import DeviceCaller as CallerOnDevice
from api.access.idempotency import Once as RequestOnce
from api.access.route_limits import device_std, strict
from api.auth.deps import Resources, Tokens
from api.auth.schemas.sessions import SessionView
from api.auth.schemas.sso import CreateSsoTokenRequest, SsoOrigin, SsoTokenView, ValidateSsoTokenRequest
from api.deps import DeviceCaller, Hashes, Known, Now, Occasion, Once, OnceOfCaller, Wakes
from api.http.errors import DEVICE_ERRORS, problems
from api.http.responses import answer
from api.schemas.envelope import Answer, NoFields
from domain.auth.errors import SsoTokenInvalid
from domain.auth.sessions import judge_access, opening_of
from domain.errors import IdempotencyKeyReused
from domain.users.security_events import EventKind

router = APIRouter(prefix="/auth/sso", tags=["sso"])

LIFE = timedelta(seconds=60)
PURPOSE = "sso"


@router.post(
    "/create",
    dependencies=[device_std],
    status_code=201,
    response_model=Answer[SsoTokenView],
    responses=problems(*DEVICE_ERRORS, IdempotencyKeyReused, has_body=True),
)
async def create(
    body: CreateSsoTokenRequest,
    caller: DeviceCaller,
    resources: Resources,
    hashes: Hashes,
    now: Now,
    once: OnceOfCaller,
) -> Response:
    """A token of 256 bits for one app, good once and for a minute."""
    token = hashes.new_ticket(once.request)

    async def put() -> NoFields:
        await resources.auth.tickets.put(
            hashes.ticket(body.app, token),
            purpose=PURPOSE,
            value=SsoOrigin(session_id=caller.session.session_id).model_dump(),
            expires_at=now + LIFE,
            receipt=once.receipt(body, NoFields()),
        )
        return NoFields()

    await once.answer(body, NoFields, put)
    return answer(SsoTokenView(sso_token=token, expires_in=int(LIFE.total_seconds())), "SSO token created", 201)


@router.post(
    "/validate",
    dependencies=[strict],
    response_model=Answer[SessionView],
    responses=problems(SsoTokenInvalid, IdempotencyKeyReused, has_body=True),
)
async def validate(
    body: ValidateSsoTokenRequest,
    resources: Resources,
    hashes: Hashes,
    tokens: Tokens,
    occasion: Occasion,
    known: Known,
    wakes: Wakes,
    once: Once,
) -> Response:
    """A session for the app, proved as strongly as the one the token came from. It is not stepped up."""
    redeemed = await _redeemed(body, resources, hashes, once, occasion.now)
    session_id = hashes.object_id(once.request, "session") if once.request else hashes.new_object_id()
    opened_before = await resources.auth.sessions.find(session_id) if once.request else None
    if opened_before is not None:
        return answer(tokens.first_of(opened_before, occasion.now), "Signed in")
    origin = await _origin(redeemed.session_id, resources, occasion.now)
    if origin is None:
        raise SsoTokenInvalid
    opening = opening_of(
        occasion.event(EventKind.SIGNED_IN, origin.user.user_id, device=origin.device.facts.label),
        origin.device.facts,
        session_id=session_id,
        username=origin.user.username,
        role=origin.user.role,
        device_id=origin.device.device_id,
        app=body.app,
        auth_strength=origin.session.auth_strength,
        epoch=origin.session.epoch,
        trusts_device=False,
        is_stepped_up=False,
    )
    if not await resources.auth.sessions.open(opening):
        raise SsoTokenInvalid
    await known.account_changed(origin.user.user_id)
    wakes.wake(origin.user.user_id)
    return answer(tokens.signed_in(opening.session, occasion.now), "Signed in")


async def _redeemed(
    body: ValidateSsoTokenRequest, resources: Resources, hashes: Hashes, once: RequestOnce, now: Now
) -> SsoOrigin:
    """What the token stands for: taken now, or by this very request before, which may have got no further."""

    async def taken() -> SsoOrigin:
        value = await resources.auth.tickets.take(
            hashes.ticket(body.app, body.sso_token),
            purpose=PURPOSE,
            now=now,
            receipt=lambda value: once.receipt(body, SsoOrigin(**value)),
        )
        if value is None:
            raise SsoTokenInvalid
        return SsoOrigin(**value)

    return await once.answer(body, SsoOrigin, taken)


async def _origin(session_id: str, resources: Resources, now: Now) -> CallerOnDevice | None:
    """The session that made the token: it must still be good, so that its end ends the token too."""
    session, user, device = await resources.auth.sessions.find_with_device(session_id) or (None, None, None)
    if session is None or user is None or device is None or judge_access(session, user, now):
        return None
    return CallerOnDevice(user, session, device)
