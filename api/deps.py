"""What routes ask for: one `Annotated` name per thing.

All of them are coroutines: FastAPI sends any other function to a thread, which costs more than its work.
"""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.security import HTTPBearer
from pydantic import BaseModel

from adapters.crypto.hashes import Hashes as KeyedHashes
from adapters.resources import Resources as OpenResources
from api.auth import Authentication, bearer_token, operator_of
from api.auth import Caller as AuthenticatedCaller
from api.auth import DeviceCaller as CallerOnDevice
from api.auth import Tokens as SessionTokens
from api.flows import Flows as FlowGateway
from api.graph_syncs import GraphSyncs as GraphSyncGateway
from api.health import Dependencies
from api.known_sessions import KnownSessions
from api.login_throttle import LoginThrottle as Throttle
from api.notices import Notices as NoticeGateway
from api.occasion import Occasion as RequestOccasion
from api.rates import RequestLimits, limits_of
from api.step_up import StepUp as StepUpGate
from domain.addresses import address_prefix
from domain.errors import Forbidden
from domain.users import Role

PUBLIC = "public"
"""The caller's name in idempotency keys before anybody has signed in."""

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[A-Za-z0-9._-]{8,128}$",
        description="The same key, caller and body give the same answer for 24 h, and one effect.",
    ),
]
FingerprintHash = Annotated[str | None, Header(alias="X-Fingerprint-Hash", description="The session's own device.")]
OTHER_FINGERPRINT_HEADERS = ("fingerprint-hash", "fingerprint", "x-fingerprint-hashed", "fingerprint-hashed")
"""Names that clients of the old system use."""
_bearer = HTTPBearer(auto_error=False, description="An access token, or an operator's token.")


async def _authorization(request: Request, _: Annotated[object, Depends(_bearer)] = None) -> str | None:
    """The header as it came. The scheme beside it is there for docs/openapi.json."""
    return request.headers.get("authorization")


Authorization = Annotated[str | None, Depends(_authorization)]


async def _resources(request: Request) -> OpenResources:
    resources: OpenResources = request.app.state.resources
    return resources


async def _health(request: Request) -> Dependencies:
    health: Dependencies = request.app.state.health
    return health


async def _now() -> datetime:
    """To the millisecond, as MongoDB keeps it: what is answered now is what is read later."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


Resources = Annotated[OpenResources, Depends(_resources)]
Health = Annotated[Dependencies, Depends(_health)]
Now = Annotated[datetime, Depends(_now)]


async def _flows(resources: Resources) -> FlowGateway:
    return FlowGateway(resources.temporal, resources.hashes)


async def _tokens(resources: Resources) -> SessionTokens:
    return SessionTokens(resources.session_tokens, resources.access_tokens)


async def _hashes(resources: Resources) -> KeyedHashes:
    return resources.hashes


Flows = Annotated[FlowGateway, Depends(_flows)]
Tokens = Annotated[SessionTokens, Depends(_tokens)]
Hashes = Annotated[KeyedHashes, Depends(_hashes)]


class Repeat:
    """Recognises a repeated request: `request` names it (None without a key), `body_hash` its body."""

    def __init__(self, hashes: KeyedHashes, request: str | None) -> None:
        self._hashes = hashes
        self.request = request

    def body_hash(self, body: BaseModel) -> str:
        return self._hashes.body(body.model_dump_json())


async def _repeat(request: Request, hashes: Hashes, key: IdempotencyKey = None) -> Repeat:
    route = f"{request.method} {request.scope['route'].path}"
    return Repeat(hashes, hashes.request(PUBLIC, route, key) if key else None)


Repeatable = Annotated[Repeat, Depends(_repeat)]


async def _known_sessions(request: Request) -> KnownSessions:
    known: KnownSessions = request.app.state.known_sessions
    return known


Known = Annotated[KnownSessions, Depends(_known_sessions)]


async def _authentication(resources: Resources, hashes: Hashes, known: Known) -> Authentication:
    return Authentication(resources.access_tokens, hashes, resources.sessions, known)


AccessCheck = Annotated[Authentication, Depends(_authentication)]


async def _caller(check: AccessCheck, now: Now, authorization: Authorization) -> AuthenticatedCaller:
    return await check.caller(bearer_token(authorization), now)


Caller = Annotated[AuthenticatedCaller, Depends(_caller)]


async def _optional_caller(check: AccessCheck, now: Now, authorization: Authorization) -> AuthenticatedCaller | None:
    """Nobody without the header. With it, whoever it names: a bad token is refused, not overlooked."""
    return None if authorization is None else await check.caller(bearer_token(authorization), now)


OptionalCaller = Annotated[AuthenticatedCaller | None, Depends(_optional_caller)]


async def _fingerprint(request: Request, fingerprint: FingerprintHash = None) -> str | None:
    others = (request.headers.get(name) for name in OTHER_FINGERPRINT_HEADERS)
    return fingerprint or next((other for other in others if other), None)


async def _device_caller(
    check: AccessCheck,
    now: Now,
    fingerprint: Annotated[str | None, Depends(_fingerprint)],
    authorization: Authorization,
) -> CallerOnDevice:
    return await check.device_caller(bearer_token(authorization), fingerprint, now)


DeviceCaller = Annotated[CallerOnDevice, Depends(_device_caller)]


async def _occasion(request: Request, now: Now, hashes: Hashes) -> RequestOccasion:
    return RequestOccasion(now, address_prefix(request.client.host if request.client else ""), hashes)


Occasion = Annotated[RequestOccasion, Depends(_occasion)]


async def _limits(request: Request) -> RequestLimits:
    return limits_of(request)


Limits = Annotated[RequestLimits, Depends(_limits)]


async def _login_throttle(resources: Resources, limits: Limits) -> Throttle:
    return Throttle(resources, limits)


LoginThrottle = Annotated[Throttle, Depends(_login_throttle)]


async def _step_up(resources: Resources, occasion: Occasion, limits: Limits) -> StepUpGate:
    return StepUpGate(resources, occasion, limits)


StepUp = Annotated[StepUpGate, Depends(_step_up)]


async def _notices(resources: Resources, hashes: Hashes) -> NoticeGateway:
    return NoticeGateway(resources.temporal, hashes)


Notices = Annotated[NoticeGateway, Depends(_notices)]


async def _graph_syncs(resources: Resources, hashes: Hashes) -> GraphSyncGateway:
    return GraphSyncGateway(resources.temporal, hashes)


GraphSyncs = Annotated[GraphSyncGateway, Depends(_graph_syncs)]


async def _admin(caller: Caller) -> AuthenticatedCaller:
    if caller.user.role is not Role.ADMIN:
        raise Forbidden
    return caller


Admin = Annotated[AuthenticatedCaller, Depends(_admin)]


async def _operator(resources: Resources, authorization: Authorization) -> str:
    return operator_of(authorization, resources.codec_tokens)


Operator = Annotated[str, Depends(_operator)]
"""Name of the operator whose token came along."""
