"""What routes ask for: one `Annotated` name per thing.

All of them are coroutines: FastAPI sends any other function to a thread, which costs more than its work. And they
take the request rather than one another: FastAPI walks the whole tree below each name, at 25 µs a branch.
"""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.security import HTTPBearer

from adapters.crypto.hashes import Hashes as KeyedHashes
from adapters.resources import Resources as OpenResources
from api.auth import Authentication, bearer_token, operator_of
from api.auth import Caller as AuthenticatedCaller
from api.auth import DeviceCaller as CallerOnDevice
from api.auth import Tokens as SessionTokens
from api.deletions import Deletions as DeletionGateway
from api.flows import Flows as FlowGateway
from api.graph_syncs import GraphSyncs as GraphSyncGateway
from api.health import Dependencies
from api.idempotency import Once as RequestOnce
from api.idempotency import Repeat
from api.known_sessions import KnownSessions
from api.login_throttle import LoginThrottle as Throttle
from api.notices import Notices as NoticeGateway
from api.occasion import Occasion as RequestOccasion
from api.rates import RequestLimits, limits_of
from api.sign_in import SignInGate as SignIns
from api.step_up import StepUp as StepUpGate
from api.suggestions import SuggestionPages as SuggestionReader
from api.wallet_proofs import WalletProofs as WalletProofGate
from domain.addresses import address_prefix
from domain.errors import Forbidden
from domain.flows import is_owned
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
Bearer = Annotated[
    object, Depends(HTTPBearer(auto_error=False, description="An access token, or an operator's token."))
]
"""For docs/openapi.json; the header itself is read from the request."""


def _authorization(request: Request) -> str | None:
    """The header as it came; None when it came twice, for nobody can say which of the two was checked on the way."""
    given = request.headers.getlist("authorization")
    return given[0] if len(given) == 1 else None


def _open(request: Request) -> OpenResources:
    resources: OpenResources = request.app.state.resources
    return resources


async def _resources(request: Request) -> OpenResources:
    return _open(request)


async def _health(request: Request) -> Dependencies:
    health: Dependencies = request.app.state.health
    return health


async def _now() -> datetime:
    """To the millisecond, as MongoDB keeps it: what is answered now is what is read later."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


async def _flows(request: Request) -> FlowGateway:
    resources = _open(request)
    return FlowGateway(resources.temporal, resources.hashes)


async def _tokens(request: Request) -> SessionTokens:
    resources = _open(request)
    return SessionTokens(resources.session_tokens, resources.access_tokens)


async def _hashes(request: Request) -> KeyedHashes:
    return _open(request).hashes


Resources = Annotated[OpenResources, Depends(_resources)]
Health = Annotated[Dependencies, Depends(_health)]
Now = Annotated[datetime, Depends(_now)]
Flows = Annotated[FlowGateway, Depends(_flows)]
Tokens = Annotated[SessionTokens, Depends(_tokens)]
Hashes = Annotated[KeyedHashes, Depends(_hashes)]


def _named(request: Request, caller: str, key: str | None) -> Repeat:
    hashes, route = _open(request).hashes, f"{request.method} {request.scope['route'].path}"
    return Repeat(hashes, hashes.request(caller, route, key) if key else None)


async def _repeat(request: Request, key: IdempotencyKey = None) -> Repeat:
    return _named(request, PUBLIC, key)


async def _once(request: Request, key: IdempotencyKey = None) -> RequestOnce:
    return RequestOnce(_named(request, PUBLIC, key), _open(request).receipts, await _now())


Repeatable = Annotated[Repeat, Depends(_repeat)]
Once = Annotated[RequestOnce, Depends(_once)]
"""For a request of nobody in particular."""


async def _known_sessions(request: Request) -> KnownSessions:
    known: KnownSessions = request.app.state.known_sessions
    return known


async def _access_check(request: Request) -> Authentication:
    resources = _open(request)
    return Authentication(resources.access_tokens, resources.hashes, resources.sessions, await _known_sessions(request))


async def _caller(request: Request, _: Bearer) -> AuthenticatedCaller:
    return await (await _access_check(request)).caller(bearer_token(_authorization(request)), await _now())


async def _optional_caller(request: Request, _: Bearer) -> AuthenticatedCaller | None:
    """Nobody without the header. With it, whoever it names: a bad token is refused, not overlooked."""
    given = "authorization" in request.headers
    return await _caller(request, _) if given else None


async def _device_caller(request: Request, _: Bearer, fingerprint: FingerprintHash = None) -> CallerOnDevice:
    check, now = await _access_check(request), await _now()
    return await check.device_caller(bearer_token(_authorization(request)), _fingerprint(request, fingerprint), now)


def _fingerprint(request: Request, fingerprint: str | None) -> str | None:
    others = (request.headers.get(name) for name in OTHER_FINGERPRINT_HEADERS)
    return fingerprint or next((other for other in others if other), None)


async def _flow_owner(request: Request, flow_id: str, _: Bearer, fingerprint: FingerprintHash = None) -> str | None:
    return (await _device_caller(request, _, fingerprint)).user.user_id if is_owned(flow_id) else None


Known = Annotated[KnownSessions, Depends(_known_sessions)]
AccessCheck = Annotated[Authentication, Depends(_access_check)]
Caller = Annotated[AuthenticatedCaller, Depends(_caller)]
OptionalCaller = Annotated[AuthenticatedCaller | None, Depends(_optional_caller)]
DeviceCaller = Annotated[CallerOnDevice, Depends(_device_caller)]
FlowOwner = Annotated[str | None, Depends(_flow_owner)]
"""Id of who asks for the flow in the path, where only its owner may; None where the flow's id is enough."""


async def _occasion(request: Request) -> RequestOccasion:
    prefix = address_prefix(request.client.host if request.client else "")
    return RequestOccasion(await _now(), prefix, _open(request).hashes)


async def _repeat_of_caller(request: Request, caller: DeviceCaller, key: IdempotencyKey = None) -> Repeat:
    return _named(request, caller.user.user_id, key)


async def _once_of_caller(request: Request, caller: DeviceCaller, key: IdempotencyKey = None) -> RequestOnce:
    return RequestOnce(_named(request, caller.user.user_id, key), _open(request).receipts, await _now())


async def _limits(request: Request) -> RequestLimits:
    return limits_of(request)


async def _login_throttle(request: Request) -> Throttle:
    return Throttle(_open(request), limits_of(request))


async def _step_up(request: Request) -> StepUpGate:
    return StepUpGate(_open(request), await _occasion(request), limits_of(request))


async def _notices(request: Request) -> NoticeGateway:
    resources = _open(request)
    return NoticeGateway(resources.temporal, resources.hashes)


async def _sign_in_gate(request: Request) -> SignIns:
    flows, known = await _flows(request), await _known_sessions(request)
    return SignIns(_open(request), await _tokens(request), flows, known, await _occasion(request))


async def _wallet_proofs(request: Request) -> WalletProofGate:
    return WalletProofGate(_open(request), await _now())


async def _deletions(request: Request) -> DeletionGateway:
    resources = _open(request)
    return DeletionGateway(resources.temporal, resources.hashes)


RepeatableOfCaller = Annotated[Repeat, Depends(_repeat_of_caller)]
"""For a request of somebody on their device: keys of two people never meet."""
OnceOfCaller = Annotated[RequestOnce, Depends(_once_of_caller)]
Occasion = Annotated[RequestOccasion, Depends(_occasion)]
Limits = Annotated[RequestLimits, Depends(_limits)]
LoginThrottle = Annotated[Throttle, Depends(_login_throttle)]
StepUp = Annotated[StepUpGate, Depends(_step_up)]
SignInGate = Annotated[SignIns, Depends(_sign_in_gate)]
WalletProofs = Annotated[WalletProofGate, Depends(_wallet_proofs)]
Notices = Annotated[NoticeGateway, Depends(_notices)]
Deletions = Annotated[DeletionGateway, Depends(_deletions)]


async def _graph_syncs(request: Request) -> GraphSyncGateway:
    resources = _open(request)
    return GraphSyncGateway(resources.temporal, resources.hashes)


async def _suggestion_pages(request: Request) -> SuggestionReader:
    resources = _open(request)
    return SuggestionReader(resources.graph.suggestions, resources.suggestion_runs)


SuggestionPages = Annotated[SuggestionReader, Depends(_suggestion_pages)]
GraphSyncs = Annotated[GraphSyncGateway, Depends(_graph_syncs)]


async def _admin(caller: Caller) -> AuthenticatedCaller:
    if caller.user.role is not Role.ADMIN:
        raise Forbidden
    return caller


Admin = Annotated[AuthenticatedCaller, Depends(_admin)]


async def _operator(request: Request, _: Bearer) -> str:
    return operator_of(_authorization(request), _open(request).codec_tokens)


Operator = Annotated[str, Depends(_operator)]
"""Name of the operator whose token came along."""
