"""What routes ask for: one `Annotated` name per thing.

All of them are coroutines: FastAPI sends any other function to a thread, which costs more than its work. And they
take the request rather than one another: FastAPI walks the whole tree below each name, at 25 µs a branch.
"""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Header, Request

from adapters.crypto.hashes import Hashes as KeyedHashes
from adapters.mongo.notifications.notifications import NotificationStore
from adapters.resources import Resources as OpenResources
from api.access.authentication import Authentication
from api.access.authentication import Caller as AuthenticatedCaller
from api.access.authentication import DeviceCaller as CallerOnDevice
from api.access.callers import (
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
from api.access.idempotency import Once as RequestOnce
from api.access.idempotency import Repeat
from api.access.request_context import Occasion as RequestOccasion
from api.access.request_context import moment
from api.access.request_limits import RequestLimits, limits_of
from api.access.session_cache import KnownSessions
from api.access.visibility import Visibility as UserVisibility
from api.background.account_deletion import Deletions as DeletionGateway
from api.background.graph_sync import GraphSyncs as GraphSyncGateway
from api.background.notifications import NotificationWakes
from api.background.security_notices import Notices as NoticeGateway
from api.flows.client import Flows as FlowGateway
from domain.client_network import address_prefix

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


def resources_of(request: Request) -> OpenResources:
    resources: OpenResources = request.app.state.resources
    return resources


async def all_resources(request: Request) -> OpenResources:
    return resources_of(request)


async def _now() -> datetime:
    return moment()


async def flows_of(request: Request) -> FlowGateway:
    resources = resources_of(request)
    return FlowGateway(resources.temporal, resources.hashes)


async def _hashes(request: Request) -> KeyedHashes:
    return resources_of(request).hashes


Now = Annotated[datetime, Depends(_now)]
Flows = Annotated[FlowGateway, Depends(flows_of)]
Hashes = Annotated[KeyedHashes, Depends(_hashes)]


def _named(request: Request, caller: str, key: str | None) -> Repeat:
    hashes, route = resources_of(request).hashes, f"{request.method} {request.scope['route'].path}"
    return Repeat(hashes, hashes.request(caller, route, key) if key else None)


async def _repeat(request: Request, key: IdempotencyKey = None) -> Repeat:
    return _named(request, PUBLIC, key)


async def _once(request: Request, key: IdempotencyKey = None) -> RequestOnce:
    return RequestOnce(_named(request, PUBLIC, key), resources_of(request).receipts, moment())


Repeatable = Annotated[Repeat, Depends(_repeat)]
Once = Annotated[RequestOnce, Depends(_once)]
"""For a request of nobody in particular."""


async def known_sessions_of(request: Request) -> KnownSessions:
    known: KnownSessions = request.app.state.known_sessions
    return known


async def _access_check(request: Request) -> Authentication:
    return access_check(request)


Known = Annotated[KnownSessions, Depends(known_sessions_of)]
AccessCheck = Annotated[Authentication, Depends(_access_check)]
Caller = Annotated[AuthenticatedCaller, Depends(Bearer(caller))]
OptionalCaller = Annotated[AuthenticatedCaller | None, Depends(Bearer(optional_caller))]
DeviceCaller = Annotated[CallerOnDevice, Depends(DeviceBearer(device_caller))]
FlowOwner = Annotated[str | None, Depends(DeviceBearer(flow_owner))]
Admin = Annotated[AuthenticatedCaller, Depends(Bearer(admin))]
SelfOrAdmin = Annotated[AuthenticatedCaller, Depends(Bearer(self_or_admin))]
Operator = Annotated[str, Depends(Bearer(operator))]


async def occasion_of(request: Request) -> RequestOccasion:
    prefix = address_prefix(request.client.host if request.client else "")
    return RequestOccasion(moment(), prefix, resources_of(request).hashes)


async def _repeat_of_caller(request: Request, key: IdempotencyKey = None) -> Repeat:
    return _named(request, (await device_caller(request)).user.user_id, key)


async def _once_of_caller(request: Request, key: IdempotencyKey = None) -> RequestOnce:
    repeat = await _repeat_of_caller(request, key)
    return RequestOnce(repeat, resources_of(request).receipts, moment())


async def _once_of_token(request: Request, caller: Caller, key: IdempotencyKey = None) -> RequestOnce:
    return RequestOnce(_named(request, caller.user.user_id, key), resources_of(request).receipts, await _now())


async def _limits(request: Request) -> RequestLimits:
    return limits_of(request)


async def _notices(request: Request) -> NoticeGateway:
    resources = resources_of(request)
    return NoticeGateway(resources.temporal, resources.hashes, notification_wakes_of(request))


def notification_wakes_of(request: Request) -> NotificationWakes:
    wakes: NotificationWakes = request.app.state.notification_wakes
    return wakes


async def _notification_wakes(request: Request) -> NotificationWakes:
    return notification_wakes_of(request)


async def _deletions(request: Request) -> DeletionGateway:
    resources = resources_of(request)
    return DeletionGateway(resources.temporal, resources.hashes)


RepeatableOfCaller = Annotated[Repeat, Depends(_repeat_of_caller)]
"""For a request of somebody on their device: keys of two people never meet."""
OnceOfCaller = Annotated[RequestOnce, Depends(_once_of_caller)]
OnceOfToken = Annotated[RequestOnce, Depends(_once_of_token)]
"""The same for somebody of whom only the access token is asked."""
Occasion = Annotated[RequestOccasion, Depends(occasion_of)]
Limits = Annotated[RequestLimits, Depends(_limits)]
Notices = Annotated[NoticeGateway, Depends(_notices)]
Wakes = Annotated[NotificationWakes, Depends(_notification_wakes)]
Deletions = Annotated[DeletionGateway, Depends(_deletions)]


async def _graph_syncs(request: Request) -> GraphSyncGateway:
    resources = resources_of(request)
    return GraphSyncGateway(resources.temporal, resources.hashes)


GraphSyncs = Annotated[GraphSyncGateway, Depends(_graph_syncs)]


async def _visibility(request: Request) -> UserVisibility:
    resources = resources_of(request)
    found = await caller(request)
    return UserVisibility(resources.users.users, resources.social.person_summaries, found.user.user_id)


async def _notification_store(request: Request) -> NotificationStore:
    return resources_of(request).notifications.notifications


Visibility = Annotated[UserVisibility, Depends(_visibility)]
Notifications = Annotated[NotificationStore, Depends(_notification_store)]
"""Blocking a user hides what both were notified of the other: the one look of social at the area above it."""
