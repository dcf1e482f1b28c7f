"""Dependencies of routes: one `Annotated` name each.

All are coroutines: FastAPI runs any other function in a thread, which costs more than its work. They take the request
rather than one another: FastAPI walks the whole tree below each name, at 25 µs a branch.
"""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Header, Request

from adapters.crypto.hashes import KeyedHashes
from adapters.mongo.notifications.notifications import NotificationStore
from adapters.resources import Resources as OpenResources
from api.access.authentication import Authenticator
from api.access.authentication import Caller as AuthenticatedCaller
from api.access.authentication import DeviceCaller as CallerOnDevice
from api.access.callers import (
    Bearer,
    DeviceBearer,
    authenticator,
    find_caller,
    require_admin,
    require_caller,
    require_device_caller,
    require_flow_owner,
    require_operator,
    require_self_or_admin,
)
from api.access.idempotency import IdempotentRequest as RequestOnce
from api.access.idempotency import RequestKey
from api.access.request_context import RequestContext as RequestOccasion
from api.access.request_context import current_time
from api.access.request_limits import RequestLimits, limits_of
from api.access.session_cache import SessionCache
from api.access.visibility import Visibility as UserVisibility
from api.background.account_deletion import DeletionTrigger as DeletionGateway
from api.background.graph_sync import GraphSyncTrigger as GraphSyncGateway
from api.background.notifications import NotificationTrigger
from api.background.security_notices import NoticeTrigger as NoticeGateway
from api.flows.client import FlowClient as FlowGateway
from domain.client_network import client_network

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


def resources_of(request: Request) -> OpenResources:
    """Return the open clients and stores of this process."""
    resources: OpenResources = request.app.state.resources
    return resources


async def all_resources(request: Request) -> OpenResources:
    """`resources_of` as a dependency; each area narrows its type to what it may use."""
    return resources_of(request)


async def _now() -> datetime:
    return current_time()


async def flows_of(request: Request) -> FlowGateway:
    """Return a client for flows."""
    resources = resources_of(request)
    return FlowGateway(resources.temporal, resources.hashes)


async def _hashes(request: Request) -> KeyedHashes:
    return resources_of(request).hashes


NowDep = Annotated[datetime, Depends(_now)]
FlowsDep = Annotated[FlowGateway, Depends(flows_of)]
HashesDep = Annotated[KeyedHashes, Depends(_hashes)]


def _request_key(request: Request, caller: str, key: str | None) -> RequestKey:
    """Return the key of the request. `caller`: a user id or `PUBLIC`; `key`: the Idempotency-Key header."""
    hashes, route = resources_of(request).hashes, f"{request.method} {request.scope['route'].path}"
    return RequestKey(hashes, hashes.request_key(caller, route, key) if key else None)


async def _public_request_key(request: Request, key: IdempotencyKey = None) -> RequestKey:
    return _request_key(request, PUBLIC, key)


async def _public_idempotent(request: Request, key: IdempotencyKey = None) -> RequestOnce:
    return RequestOnce(_request_key(request, PUBLIC, key), resources_of(request).receipts, current_time())


RequestKeyDep = Annotated[RequestKey, Depends(_public_request_key)]
IdempotentDep = Annotated[RequestOnce, Depends(_public_idempotent)]
"""For unauthenticated requests."""


async def known_sessions_of(request: Request) -> SessionCache:
    """Return the session cache of this process."""
    session_cache: SessionCache = request.app.state.known_sessions
    return session_cache


async def _authenticator(request: Request) -> Authenticator:
    return authenticator(request)


SessionCacheDep = Annotated[SessionCache, Depends(known_sessions_of)]
AuthenticatorDep = Annotated[Authenticator, Depends(_authenticator)]
CallerDep = Annotated[AuthenticatedCaller, Depends(Bearer(require_caller))]
OptionalCallerDep = Annotated[AuthenticatedCaller | None, Depends(Bearer(find_caller))]
DeviceCallerDep = Annotated[CallerOnDevice, Depends(DeviceBearer(require_device_caller))]
FlowOwnerDep = Annotated[str | None, Depends(DeviceBearer(require_flow_owner))]
AdminDep = Annotated[AuthenticatedCaller, Depends(Bearer(require_admin))]
SelfOrAdminDep = Annotated[AuthenticatedCaller, Depends(Bearer(require_self_or_admin))]
OperatorDep = Annotated[str, Depends(Bearer(require_operator))]


async def occasion_of(request: Request) -> RequestOccasion:
    """Return the time and client network of the request, for its security events."""
    prefix = client_network(request.client.host if request.client else "")
    return RequestOccasion(current_time(), prefix, resources_of(request).hashes)


async def _caller_request_key(request: Request, key: IdempotencyKey = None) -> RequestKey:
    return _request_key(request, (await require_device_caller(request)).user.user_id, key)


async def _caller_idempotent(request: Request, key: IdempotencyKey = None) -> RequestOnce:
    request_key = await _caller_request_key(request, key)
    return RequestOnce(request_key, resources_of(request).receipts, current_time())


async def _token_idempotent(request: Request, caller: CallerDep, key: IdempotencyKey = None) -> RequestOnce:
    return RequestOnce(_request_key(request, caller.user.user_id, key), resources_of(request).receipts, await _now())


async def _limits(request: Request) -> RequestLimits:
    return limits_of(request)


async def _notices(request: Request) -> NoticeGateway:
    resources = resources_of(request)
    return NoticeGateway(resources.temporal, resources.hashes, notification_wakes_of(request))


def notification_wakes_of(request: Request) -> NotificationTrigger:
    """Return the notification trigger of this process."""
    notification_trigger: NotificationTrigger = request.app.state.notification_wakes
    return notification_trigger


async def _notification_wakes(request: Request) -> NotificationTrigger:
    return notification_wakes_of(request)


async def _deletions(request: Request) -> DeletionGateway:
    resources = resources_of(request)
    return DeletionGateway(resources.temporal, resources.hashes)


CallerRequestKeyDep = Annotated[RequestKey, Depends(_caller_request_key)]
"""For requests from a trusted device: the keys of two users never collide."""
CallerIdempotentDep = Annotated[RequestOnce, Depends(_caller_idempotent)]
TokenIdempotentDep = Annotated[RequestOnce, Depends(_token_idempotent)]
"""The same for requests that need only an access token."""
RequestContextDep = Annotated[RequestOccasion, Depends(occasion_of)]
LimitsDep = Annotated[RequestLimits, Depends(_limits)]
NoticeTriggerDep = Annotated[NoticeGateway, Depends(_notices)]
NotificationTriggerDep = Annotated[NotificationTrigger, Depends(_notification_wakes)]
DeletionTriggerDep = Annotated[DeletionGateway, Depends(_deletions)]


async def _graph_syncs(request: Request) -> GraphSyncGateway:
    resources = resources_of(request)
    return GraphSyncGateway(resources.temporal, resources.hashes)


GraphSyncTriggerDep = Annotated[GraphSyncGateway, Depends(_graph_syncs)]


async def _visibility(request: Request) -> UserVisibility:
    resources = resources_of(request)
    caller = await require_caller(request)
    return UserVisibility(resources.users.users, resources.social.person_summaries, caller.user.user_id)


async def _notification_store(request: Request) -> NotificationStore:
    return resources_of(request).notifications.notifications


Visibility = Annotated[UserVisibility, Depends(_visibility)]
Notifications = Annotated[NotificationStore, Depends(_notification_store)]
"""Blocking redacts both users' notifications of each other: the only use of the notifications area by social."""
