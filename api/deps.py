"""What routes ask for: one `Annotated` name per thing.

All of them are coroutines: FastAPI sends any other function to a thread, which costs more than its work. And they
take the request rather than one another: FastAPI walks the whole tree below each name, at 25 µs a branch.
"""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Header, Request

from adapters.crypto.hashes import Hashes as KeyedHashes
from adapters.resources import Resources as OpenResources
from api.auth import Authentication
from api.auth import Caller as AuthenticatedCaller
from api.auth import DeviceCaller as CallerOnDevice
from api.auth import Tokens as SessionTokens
from api.callers import (
    Bearer,
    DeviceBearer,
    access_check,
    admin,
    caller,
    device_caller,
    flow_owner,
    operator,
    optional_caller,
    self_or_admin,
)
from api.deletions import Deletions as DeletionGateway
from api.flows import Flows as FlowGateway
from api.gateway.gateway import Gateway as SocketGateway
from api.graph_syncs import GraphSyncs as GraphSyncGateway
from api.health import Dependencies
from api.idempotency import Once as RequestOnce
from api.idempotency import Repeat
from api.known_sessions import KnownSessions
from api.login_throttle import LoginThrottle as Throttle
from api.notices import Notices as NoticeGateway
from api.notification_wakes import NotificationWakes
from api.occasion import Occasion as RequestOccasion
from api.occasion import moment
from api.rates import RequestLimits, limits_of
from api.sign_in import SignInGate as SignIns
from api.step_up import StepUp as StepUpGate
from api.suggestions import SuggestionPages as SuggestionReader
from api.wallet_proofs import WalletProofs as WalletProofGate
from domain.addresses import address_prefix

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


def _open(request: Request) -> OpenResources:
    resources: OpenResources = request.app.state.resources
    return resources


async def _resources(request: Request) -> OpenResources:
    return _open(request)


async def _health(request: Request) -> Dependencies:
    health: Dependencies = request.app.state.health
    return health


async def _now() -> datetime:
    return moment()


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
    return RequestOnce(_named(request, PUBLIC, key), _open(request).receipts, moment())


Repeatable = Annotated[Repeat, Depends(_repeat)]
Once = Annotated[RequestOnce, Depends(_once)]
"""For a request of nobody in particular."""


async def _known_sessions(request: Request) -> KnownSessions:
    known: KnownSessions = request.app.state.known_sessions
    return known


async def _access_check(request: Request) -> Authentication:
    return access_check(request)


Known = Annotated[KnownSessions, Depends(_known_sessions)]
AccessCheck = Annotated[Authentication, Depends(_access_check)]
Caller = Annotated[AuthenticatedCaller, Depends(Bearer(caller))]
OptionalCaller = Annotated[AuthenticatedCaller | None, Depends(Bearer(optional_caller))]
DeviceCaller = Annotated[CallerOnDevice, Depends(DeviceBearer(device_caller))]
FlowOwner = Annotated[str | None, Depends(DeviceBearer(flow_owner))]
Admin = Annotated[AuthenticatedCaller, Depends(Bearer(admin))]
SelfOrAdmin = Annotated[AuthenticatedCaller, Depends(Bearer(self_or_admin))]
Operator = Annotated[str, Depends(Bearer(operator))]


async def _occasion(request: Request) -> RequestOccasion:
    prefix = address_prefix(request.client.host if request.client else "")
    return RequestOccasion(moment(), prefix, _open(request).hashes)


async def _repeat_of_caller(request: Request, key: IdempotencyKey = None) -> Repeat:
    return _named(request, (await device_caller(request)).user.user_id, key)


async def _once_of_caller(request: Request, key: IdempotencyKey = None) -> RequestOnce:
    repeat = await _repeat_of_caller(request, key)
    return RequestOnce(repeat, _open(request).receipts, moment())


async def _once_of_token(request: Request, caller: Caller, key: IdempotencyKey = None) -> RequestOnce:
    return RequestOnce(_named(request, caller.user.user_id, key), _open(request).receipts, await _now())


async def _limits(request: Request) -> RequestLimits:
    return limits_of(request)


async def _login_throttle(request: Request) -> Throttle:
    return Throttle(_open(request), limits_of(request))


async def _step_up(request: Request) -> StepUpGate:
    return StepUpGate(_open(request), await _occasion(request), limits_of(request))


async def _notices(request: Request) -> NoticeGateway:
    resources = _open(request)
    return NoticeGateway(resources.temporal, resources.hashes, _woken(request))


def _woken(request: Request) -> NotificationWakes:
    wakes: NotificationWakes = request.app.state.notification_wakes
    return wakes


async def _notification_wakes(request: Request) -> NotificationWakes:
    return _woken(request)


async def _gateway(request: Request) -> SocketGateway:
    gateway: SocketGateway = request.app.state.gateway
    return gateway


async def _sign_in_gate(request: Request) -> SignIns:
    flows, known = await _flows(request), await _known_sessions(request)
    return SignIns(_open(request), await _tokens(request), flows, known, _woken(request), await _occasion(request))


async def _wallet_proofs(request: Request) -> WalletProofGate:
    return WalletProofGate(_open(request), moment())


async def _deletions(request: Request) -> DeletionGateway:
    resources = _open(request)
    return DeletionGateway(resources.temporal, resources.hashes)


RepeatableOfCaller = Annotated[Repeat, Depends(_repeat_of_caller)]
"""For a request of somebody on their device: keys of two people never meet."""
OnceOfCaller = Annotated[RequestOnce, Depends(_once_of_caller)]
OnceOfToken = Annotated[RequestOnce, Depends(_once_of_token)]
"""The same for somebody of whom only the access token is asked."""
Occasion = Annotated[RequestOccasion, Depends(_occasion)]
Limits = Annotated[RequestLimits, Depends(_limits)]
LoginThrottle = Annotated[Throttle, Depends(_login_throttle)]
StepUp = Annotated[StepUpGate, Depends(_step_up)]
SignInGate = Annotated[SignIns, Depends(_sign_in_gate)]
WalletProofs = Annotated[WalletProofGate, Depends(_wallet_proofs)]
Notices = Annotated[NoticeGateway, Depends(_notices)]
Wakes = Annotated[NotificationWakes, Depends(_notification_wakes)]
Gateway = Annotated[SocketGateway, Depends(_gateway)]
Deletions = Annotated[DeletionGateway, Depends(_deletions)]


async def _graph_syncs(request: Request) -> GraphSyncGateway:
    resources = _open(request)
    return GraphSyncGateway(resources.temporal, resources.hashes)


async def _suggestion_pages(request: Request) -> SuggestionReader:
    resources = _open(request)
    return SuggestionReader(resources.graph.suggestions, resources.suggestion_runs)


SuggestionPages = Annotated[SuggestionReader, Depends(_suggestion_pages)]
GraphSyncs = Annotated[GraphSyncGateway, Depends(_graph_syncs)]
