"""API keys: create, list, change, rotate, revoke, and how they are used."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from api.access.callers import Bearer
from api.access.key_authentication import KeyCaller
from api.access.permits import any_key, permit, require_key_caller
from api.access.route_limits import caller_std, device_strict, key_bucket
from api.auth.deps import KeyIssuerDep, ResourcesDep
from api.auth.schemas.api_keys import (
    ApiKeyList,
    ApiKeySelf,
    ApiKeyUsage,
    ApiKeyView,
    ChangeApiKeyRequest,
    CreateApiKeyRequest,
    DayOfUseView,
    IssuedApiKey,
    LimitState,
    RotateApiKeyRequest,
    UsageDays,
)
from api.deps import (
    CallerDep,
    DeviceCallerDep,
    LimitsDep,
    NoticeTriggerDep,
    NowDep,
    RequestContextDep,
    RoleCatalogueDep,
    SessionCacheDep,
    StepUpDep,
)
from api.http.errors import CALLER_ERRORS, DEVICE_ERRORS, STEP_UP_ERRORS, error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer
from api.schemas.fields import ObjectId
from domain.auth.api_keys import DAYS_OF_USE, days_of_use
from domain.auth.errors import ApiKeyLimit, ApiKeyNotFound
from domain.errors import IdempotencyKeyReused, Overloaded
from domain.users.permissions import Need, Permission
from domain.users.security_events import EventKind

router = APIRouter(prefix="/api-keys", tags=["api-keys"])

KeyId = Annotated[ObjectId, Path()]
KeyCallerDep = Annotated[KeyCaller, Depends(Bearer(require_key_caller))]

read = permit(Permission.ACCOUNT_READ)
change_on_device = permit(Permission.ACCOUNT_MANAGE, Need.DEVICE)
change_with_step_up = permit(Permission.ACCOUNT_MANAGE, Need.STEP_UP, proves_itself=True)
CHANGE_ERRORS = (*DEVICE_ERRORS, *STEP_UP_ERRORS, Overloaded)


@router.post(
    "",
    status_code=201,
    dependencies=[change_with_step_up, device_strict],
    response_model=Answer[IssuedApiKey],
    responses=error_responses(*CHANGE_ERRORS, ApiKeyLimit, IdempotencyKeyReused, has_body=True),
)
async def create(body: CreateApiKeyRequest, caller: DeviceCallerDep, issuer: KeyIssuerDep) -> Response:
    """Create a key that acts for the caller within its scopes. It is shown once; the owner is told by mail."""
    return success_response(await issuer.create(caller, body), "API key created", 201)


@router.get(
    "",
    name="list",
    dependencies=[read, caller_std],
    response_model=Answer[ApiKeyList],
    responses=error_responses(*CALLER_ERRORS),
)
async def list_own(caller: CallerDep, resources: ResourcesDep, now: NowDep) -> Response:
    """List the caller's keys that were not revoked, those in force first."""
    keys = await resources.auth.api_keys.list_keys(caller.user.user_id)
    return success_response(ApiKeyList(keys=[ApiKeyView.of(key, caller.user, now) for key in keys]), "API keys found")


@router.get(
    "/self",
    dependencies=[any_key, caller_std],
    response_model=Answer[ApiKeySelf],
    responses=error_responses(*CALLER_ERRORS),
)
async def read_self(caller: KeyCallerDep, catalogue: RoleCatalogueDep, limits: LimitsDep, now: NowDep) -> Response:
    """Show the API key that asks: what it may do now, and what is left of its limit."""
    rights = await catalogue.permissions_of(caller.user, now)
    bucket = key_bucket(caller.key, limits)
    decision = await limits.peek(bucket) if bucket else None
    view = ApiKeySelf(
        key=ApiKeyView.of(caller.key, caller.user, now),
        user_id=caller.user.user_id,
        username=caller.user.username,
        permissions=sorted(rights.intersection(caller.key.scopes)),
        limit_state=LimitState.of(decision) if decision else None,
    )
    return success_response(view, "API key found")


@router.get(
    "/{key_id}",
    dependencies=[read, caller_std],
    response_model=Answer[ApiKeyView],
    responses=error_responses(*CALLER_ERRORS, ApiKeyNotFound),
)
async def read_one(key_id: KeyId, caller: CallerDep, resources: ResourcesDep, now: NowDep) -> Response:
    """Show a key of the caller's."""
    key = await resources.auth.api_keys.find(caller.user.user_id, key_id)
    if key is None:
        raise ApiKeyNotFound
    return success_response(ApiKeyView.of(key, caller.user, now), "API key found")


@router.patch(
    "/{key_id}",
    dependencies=[change_with_step_up, device_strict],
    response_model=Answer[ApiKeyView],
    responses=error_responses(*CHANGE_ERRORS, ApiKeyNotFound, has_body=True),
)
async def change(
    key_id: KeyId,
    body: ChangeApiKeyRequest,
    caller: DeviceCallerDep,
    resources: ResourcesDep,
    step_up: StepUpDep,
    context: RequestContextDep,
    session_cache: SessionCacheDep,
) -> Response:
    """Rename a key, take scopes from it, set its limit or networks. It never gets more scopes: make another key."""
    await step_up.require(caller, body.proofs)
    event = context.new_event(EventKind.API_KEY_UPDATED, caller.user.user_id, device=caller.device.info.label)
    key = await resources.auth.api_keys.change(key_id, body.change, event)
    await session_cache.invalidate_key(key.prefix)
    return success_response(ApiKeyView.of(key, caller.user, context.now), "API key changed")


@router.post(
    "/{key_id}/rotate",
    dependencies=[change_with_step_up, device_strict],
    response_model=Answer[IssuedApiKey],
    responses=error_responses(*CHANGE_ERRORS, ApiKeyNotFound, IdempotencyKeyReused, has_body=True),
)
async def rotate(
    key_id: KeyId,
    body: RotateApiKeyRequest,
    caller: DeviceCallerDep,
    issuer: KeyIssuerDep,
    session_cache: SessionCacheDep,
) -> Response:
    """Give a key a new secret. The present one works on for a while; one that was already leaving ends at once."""
    issued = await issuer.rotate(caller, key_id, body)
    await session_cache.invalidate_key(issued.key.prefix)
    return success_response(issued, "API key rotated")


@router.delete(
    "/{key_id}",
    dependencies=[change_on_device, device_strict],
    response_model=Answer[None],
    responses=error_responses(*DEVICE_ERRORS, ApiKeyNotFound),
)
async def revoke(
    key_id: KeyId,
    caller: DeviceCallerDep,
    resources: ResourcesDep,
    context: RequestContextDep,
    session_cache: SessionCacheDep,
    notices: NoticeTriggerDep,
) -> Response:
    """Revoke a key at once. Revoking it again changes nothing."""
    event = context.new_event(EventKind.API_KEY_REVOKED, caller.user.user_id, device=caller.device.info.label)
    prefix = await resources.auth.api_keys.revoke(key_id, event)
    await session_cache.invalidate_key(prefix)
    await notices.trigger(event)
    return success_response(None, "API key revoked")


@router.get(
    "/{key_id}/usage",
    dependencies=[read, caller_std],
    response_model=Answer[ApiKeyUsage],
    responses=error_responses(*CALLER_ERRORS, ApiKeyNotFound),
)
async def read_usage(
    key_id: KeyId,
    caller: CallerDep,
    resources: ResourcesDep,
    now: NowDep,
    days: Annotated[UsageDays, Query()] = DAYS_OF_USE,
) -> Response:
    """Show how a key of the caller's was used, by day. Calls of the last ten seconds may be missing."""
    stored = await resources.auth.api_key_uses.find(caller.user.user_id, key_id)
    if stored is None:
        raise ApiKeyNotFound
    used = [DayOfUseView.of(each) for each in days_of_use(stored, now, days)]
    return success_response(ApiKeyUsage(days=used), "Usage found")
