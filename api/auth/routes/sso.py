"""Single sign-on to another app on the same device, by a token that is valid once."""

from datetime import timedelta

from fastapi import APIRouter, Response

from api.access.authentication import DeviceCaller as CallerOnDevice
from api.access.idempotency import IdempotentRequest as RequestOnce
from api.access.permits import open_to_all, permit
from api.access.route_limits import device_std, strict
from api.auth.deps import ResourcesDep, TokensDep
from api.auth.schemas.sessions import SessionView
from api.auth.schemas.sso import CreateSsoTokenRequest, SsoOrigin, SsoTokenView, ValidateSsoTokenRequest
from api.deps import (
    CallerIdempotentDep,
    DeviceCallerDep,
    HashesDep,
    IdempotentDep,
    NowDep,
    RequestContextDep,
    SessionCacheDep,
)
from api.http.errors import DEVICE_ERRORS, error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer, NoFields
from domain.auth.errors import SsoTokenInvalid
from domain.auth.sessions import new_session, refusal_for_access
from domain.errors import IdempotencyKeyReused
from domain.users.permissions import Need, Permission
from domain.users.security_events import EventKind

router = APIRouter(prefix="/auth/sso", tags=["sso"])

SSO_TOKEN_TTL = timedelta(seconds=60)
PURPOSE = "sso"


@router.post(
    "/create",
    dependencies=[permit(Permission.ACCOUNT_MANAGE, Need.DEVICE), device_std],
    status_code=201,
    response_model=Answer[SsoTokenView],
    responses=error_responses(*DEVICE_ERRORS, IdempotencyKeyReused, has_body=True),
)
async def create_token(
    body: CreateSsoTokenRequest,
    caller: DeviceCallerDep,
    resources: ResourcesDep,
    hashes: HashesDep,
    now: NowDep,
    idempotent: CallerIdempotentDep,
) -> Response:
    """Create a token of 256 bits for one app, good once and for a minute."""
    token = hashes.new_ticket(idempotent.request_key)

    async def put() -> NoFields:
        await resources.auth.tickets.store(
            hashes.sso_ticket_hash(body.app, token),
            purpose=PURPOSE,
            value=SsoOrigin(session_id=caller.session.session_id, epoch=caller.session.epoch).model_dump(),
            expires_at=now + SSO_TOKEN_TTL,
            receipt=idempotent.new_receipt(body, NoFields()),
        )
        return NoFields()

    await idempotent.run_once(body, NoFields, put)
    return success_response(
        SsoTokenView(sso_token=token, expires_in=int(SSO_TOKEN_TTL.total_seconds())), "SSO token created", 201
    )


@router.post(
    "/validate",
    dependencies=[open_to_all, strict],
    response_model=Answer[SessionView],
    responses=error_responses(SsoTokenInvalid, IdempotencyKeyReused, has_body=True),
)
async def validate_token(
    body: ValidateSsoTokenRequest,
    resources: ResourcesDep,
    hashes: HashesDep,
    tokens: TokensDep,
    context: RequestContextDep,
    session_cache: SessionCacheDep,
    idempotent: IdempotentDep,
) -> Response:
    """Open a session for the app, proved as strongly as the one the token came from. It is not stepped up."""
    redeemed = await _redeem(body, resources, hashes, idempotent, context.now)
    session_id = (
        hashes.derive_object_id(idempotent.request_key, "session") if idempotent.request_key else hashes.new_object_id()
    )
    opened_before = await resources.auth.sessions.find(session_id) if idempotent.request_key else None
    if opened_before is not None:
        return success_response(tokens.issue_first(opened_before, context.now), "Signed in")
    origin = await _origin(redeemed, resources, context.now)
    if origin is None:
        raise SsoTokenInvalid
    opening = new_session(
        context.new_event(EventKind.SIGNED_IN, origin.user.user_id, device=origin.device.info.label),
        origin.device.info,
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
    opened = (await resources.auth.sign_ins.open(opening)).session
    if opened is None:
        raise SsoTokenInvalid
    await session_cache.invalidate_user(origin.user.user_id)
    return success_response(tokens.issue(opened, context.now), "Signed in")


async def _redeem(
    body: ValidateSsoTokenRequest, resources: ResourcesDep, hashes: HashesDep, idempotent: RequestOnce, now: NowDep
) -> SsoOrigin:
    """Return the origin of the token, consumed now or by an earlier attempt of this request that may not have finished.

    Raises SsoTokenInvalid or IdempotencyKeyReused.
    """

    async def taken() -> SsoOrigin:
        value = await resources.auth.tickets.consume(
            hashes.sso_ticket_hash(body.app, body.sso_token),
            purpose=PURPOSE,
            now=now,
            receipt=lambda value: idempotent.new_receipt(body, SsoOrigin(**value)),
        )
        if value is None:
            raise SsoTokenInvalid
        return SsoOrigin(**value)

    return await idempotent.run_once(body, SsoOrigin, taken)


async def _origin(redeemed: SsoOrigin, resources: ResourcesDep, now: NowDep) -> CallerOnDevice | None:
    """Return the session that created the token. None if it has ended, or all others have: its token ends with them."""
    session, user, device = await resources.auth.sessions.find_with_device(redeemed.session_id) or (None, None, None)
    if session is None or user is None or device is None or refusal_for_access(session, user, now):
        return None
    if redeemed.epoch not in (None, session.epoch):
        return None
    return CallerOnDevice(user, session, device)
