"""API keys of other users, for those who look after accounts. No secret is shown to them."""

import asyncio
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.access.permits import permit
from api.access.route_limits import caller_std, device_strict
from api.auth.deps import ResourcesDep
from api.auth.schemas.api_keys import ApiKeyList, ApiKeyView
from api.deps import DeviceCallerDep, NoticeTriggerDep, NowDep, RequestContextDep, SessionCacheDep
from api.http.errors import CALLER_ERRORS, DEVICE_ERRORS, error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer
from api.schemas.fields import ObjectId, UserIdInPath
from domain.auth.errors import (
    ApiKeyNotFound,
    SecondFactorRequired,
    StepUpRequired,
)
from domain.users.errors import UserNotFound
from domain.users.permissions import Need, Permission
from domain.users.security_events import EventKind

router = APIRouter(prefix="/users/{user_id}/api-keys", tags=["api-keys"])


@router.get(
    "",
    name="list_of_user",
    dependencies=[permit(Permission.KEYS_READ, by_key=True), caller_std],
    response_model=Answer[ApiKeyList],
    responses=error_responses(*CALLER_ERRORS, UserNotFound),
)
async def list_of_user(user_id: UserIdInPath, resources: ResourcesDep, now: NowDep) -> Response:
    """List a user's keys that were not revoked."""
    owner, keys = await asyncio.gather(resources.users.users.find(user_id), resources.auth.api_keys.list_keys(user_id))
    if owner is None:
        raise UserNotFound
    return success_response(ApiKeyList(keys=[ApiKeyView.of(key, owner, now) for key in keys]), "API keys found")


@router.delete(
    "/{key_id}",
    name="revoke_of_user",
    dependencies=[permit(Permission.KEYS_REVOKE, Need.STEP_UP), device_strict],
    response_model=Answer[None],
    responses=error_responses(*DEVICE_ERRORS, StepUpRequired, SecondFactorRequired, ApiKeyNotFound),
)
async def revoke_of_user(
    user_id: UserIdInPath,
    key_id: Annotated[ObjectId, Path()],
    caller: DeviceCallerDep,
    resources: ResourcesDep,
    context: RequestContextDep,
    session_cache: SessionCacheDep,
    notices: NoticeTriggerDep,
) -> Response:
    """Revoke a user's key at once. The owner is told by mail."""
    event = context.new_event(EventKind.API_KEY_REVOKED, user_id, device=None)
    # The network is the admin's, and the user can read the event: it must not disclose it.
    event = replace(event, address_prefix=None, details={"by": caller.user.user_id})
    prefix = await resources.auth.api_keys.revoke(key_id, event)
    await asyncio.gather(session_cache.invalidate_key(prefix), notices.trigger(event))
    return success_response(None, "API key revoked")
