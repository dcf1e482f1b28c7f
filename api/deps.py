"""Dependencies of routes: one `Annotated` name each.

All are coroutines without `yield`: FastAPI runs any other function in a thread, which costs more than its work, and
compiled handlers (api/http/compiled_routes.py) take no others. They take the request rather than one another: on paths
with parameters FastAPI walks the whole tree below each name, at 25 µs a branch.
"""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Header, Request

from adapters.crypto.keyed_hashes import KeyedHashes
from adapters.mongo.notifications.notifications import NotificationStore
from adapters.resources import Resources
from api.access.authentication import Authenticator, Caller, DeviceCaller, SessionCaller
from api.access.callers import (
    Bearer,
    DeviceBearer,
    authenticator,
    find_caller,
    require_caller,
    require_device_caller,
    require_operator,
    require_session_caller,
)
from api.access.idempotency import IdempotentRequest, RequestKey
from api.access.request_context import RequestContext, current_time, network_of
from api.access.request_limits import RequestLimits, limits_of
from api.access.role_catalogue import RoleCatalogue
from api.access.session_cache import SessionCache
from api.access.step_up_gate import StepUpGate
from api.access.visibility import Visibility
from api.background.account_deletion import DeletionTrigger
from api.background.graph_sync import GraphSyncTrigger
from api.background.security_notices import NoticeTrigger
from api.flows.client import FlowClient
from api.flows.downloads import Downloads

PUBLIC = "public"
"""Stands for the caller in the idempotency keys of unauthenticated requests."""

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[A-Za-z0-9._-]{8,128}$",
        description="The same key, caller and body give the same answer for 24 h, and one effect.",
    ),
]


def get_resources(request: Request) -> Resources:
    """Return the open clients and stores of this process."""
    resources: Resources = request.app.state.resources
    return resources


async def provide_resources(request: Request) -> Resources:
    """`get_resources` as a dependency; each area narrows its type to what it may use."""
    return get_resources(request)


async def _now() -> datetime:
    return current_time()


async def get_flows(request: Request) -> FlowClient:
    """Return a client for flows."""
    resources = get_resources(request)
    return FlowClient(resources.temporal, resources.hashes)


async def _hashes(request: Request) -> KeyedHashes:
    return get_resources(request).hashes


NowDep = Annotated[datetime, Depends(_now)]
FlowsDep = Annotated[FlowClient, Depends(get_flows)]
HashesDep = Annotated[KeyedHashes, Depends(_hashes)]


def _request_key(request: Request, caller: str, key: str | None) -> RequestKey:
    """Return the key of the request. `caller`: a user id or `PUBLIC`; `key`: the Idempotency-Key header."""
    hashes, route = get_resources(request).hashes, f"{request.method} {request.scope['route'].path}"
    return RequestKey(
        hashes, hashes.request_key(caller, route, key) if key else None, list(request.path_params.values())
    )


async def _public_request_key(request: Request, key: IdempotencyKey = None) -> RequestKey:
    return _request_key(request, PUBLIC, key)


async def _public_idempotent(request: Request, key: IdempotencyKey = None) -> IdempotentRequest:
    return IdempotentRequest(_request_key(request, PUBLIC, key), get_resources(request).receipts, current_time())


RequestKeyDep = Annotated[RequestKey, Depends(_public_request_key)]
IdempotentDep = Annotated[IdempotentRequest, Depends(_public_idempotent)]
"""For unauthenticated requests."""


async def get_session_cache(request: Request) -> SessionCache:
    """Return the session cache of this process."""
    session_cache: SessionCache = request.app.state.session_cache
    return session_cache


async def get_role_catalogue(request: Request) -> RoleCatalogue:
    """Return what this process knows of the roles."""
    role_catalogue: RoleCatalogue = request.app.state.role_catalogue
    return role_catalogue


async def _authenticator(request: Request) -> Authenticator:
    return authenticator(request)


RoleCatalogueDep = Annotated[RoleCatalogue, Depends(get_role_catalogue)]
SessionCacheDep = Annotated[SessionCache, Depends(get_session_cache)]
AuthenticatorDep = Annotated[Authenticator, Depends(_authenticator)]
CallerDep = Annotated[Caller, Depends(Bearer(require_caller))]
OptionalCallerDep = Annotated[Caller | None, Depends(Bearer(find_caller))]
SessionCallerDep = Annotated[SessionCaller, Depends(Bearer(require_session_caller))]
DeviceCallerDep = Annotated[DeviceCaller, Depends(DeviceBearer(require_device_caller))]
OperatorDep = Annotated[str, Depends(Bearer(require_operator))]


async def get_request_context(request: Request) -> RequestContext:
    """Return the time and client network of the request, for its security events."""
    return RequestContext(current_time(), network_of(request), get_resources(request).hashes)


async def _caller_request_key(request: Request, key: IdempotencyKey = None) -> RequestKey:
    return _request_key(request, (await require_device_caller(request)).user.user_id, key)


async def get_caller_idempotent(request: Request, key: IdempotencyKey = None) -> IdempotentRequest:
    """Return the request as one that may be repeated, from a trusted device."""
    request_key = await _caller_request_key(request, key)
    return IdempotentRequest(request_key, get_resources(request).receipts, current_time())


async def _token_idempotent(request: Request, caller: CallerDep, key: IdempotencyKey = None) -> IdempotentRequest:
    return IdempotentRequest(
        _request_key(request, caller.user.user_id, key), get_resources(request).receipts, await _now()
    )


async def _limits(request: Request) -> RequestLimits:
    return limits_of(request)


async def get_step_up(request: Request) -> StepUpGate:
    """Return what checks the step-up of the request."""
    return StepUpGate(get_resources(request), await get_request_context(request), limits_of(request))


async def get_notices(request: Request) -> NoticeTrigger:
    """Return what starts the mails of security events."""
    resources = get_resources(request)
    return NoticeTrigger(resources.temporal, resources.hashes)


async def _deletions(request: Request) -> DeletionTrigger:
    resources = get_resources(request)
    return DeletionTrigger(resources.temporal, resources.hashes)


CallerRequestKeyDep = Annotated[RequestKey, Depends(_caller_request_key)]
"""For requests from a trusted device: the keys of two users never collide."""
CallerIdempotentDep = Annotated[IdempotentRequest, Depends(get_caller_idempotent)]
TokenIdempotentDep = Annotated[IdempotentRequest, Depends(_token_idempotent)]
"""The same for requests that need only an access token."""
RequestContextDep = Annotated[RequestContext, Depends(get_request_context)]
LimitsDep = Annotated[RequestLimits, Depends(_limits)]
StepUpDep = Annotated[StepUpGate, Depends(get_step_up)]
NoticeTriggerDep = Annotated[NoticeTrigger, Depends(get_notices)]
DeletionTriggerDep = Annotated[DeletionTrigger, Depends(_deletions)]


async def _graph_syncs(request: Request) -> GraphSyncTrigger:
    return GraphSyncTrigger(get_resources(request))


GraphSyncTriggerDep = Annotated[GraphSyncTrigger, Depends(_graph_syncs)]


async def _downloads(request: Request) -> Downloads:
    resources = get_resources(request)
    return Downloads(resources.exports, await get_flows(request), resources.hashes)


DownloadsDep = Annotated[Downloads, Depends(_downloads)]


async def _visibility(request: Request) -> Visibility:
    resources = get_resources(request)
    caller = await require_caller(request)
    return Visibility(resources.users.users, resources.social.person_summaries, caller.user.user_id)


async def _notification_store(request: Request) -> NotificationStore:
    return get_resources(request).notifications.notifications


VisibilityDep = Annotated[Visibility, Depends(_visibility)]
NotificationStoreDep = Annotated[NotificationStore, Depends(_notification_store)]
"""Blocking redacts both users' notifications of each other: the only use of the notifications area by social."""
