"""Changes of the caller's profile. With the answer they are in lists and search too."""

import asyncio

from fastapi import APIRouter, Response

from api.access.authentication import Caller as AuthenticatedCaller
from api.access.permits import permit
from api.access.route_limits import caller_strict
from api.deps import CallerDep, GraphSyncTriggerDep, NowDep, SessionCacheDep
from api.http.errors import CALLER_ERRORS, error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer
from api.users.deps import ResourcesDep
from api.users.schemas.own_profile import AvatarRequest, BioRequest, DisplayNameRequest
from api.users.schemas.users import Profile
from domain.errors import NotAuthenticated
from domain.users.permissions import Permission
from domain.users.users import ProfileChange

router = APIRouter(prefix="/users/profile", tags=["profiles"])

RESPONSES = error_responses(*CALLER_ERRORS, has_body=True)


@router.put(
    "/display-name",
    dependencies=[permit(Permission.PROFILE_UPDATE, by_key=True), caller_strict],
    response_model=Answer[Profile],
    responses=RESPONSES,
)
async def set_display_name(
    body: DisplayNameRequest,
    caller: CallerDep,
    resources: ResourcesDep,
    now: NowDep,
    session_cache: SessionCacheDep,
    graph_sync_trigger: GraphSyncTriggerDep,
) -> Response:
    """Set the display name of the caller, in any script. It is kept as it was typed."""
    return await _change_profile(
        ProfileChange(display_name=body.display_name), caller, resources, now, session_cache, graph_sync_trigger
    )


@router.put(
    "/bio",
    dependencies=[permit(Permission.PROFILE_UPDATE, by_key=True), caller_strict],
    response_model=Answer[Profile],
    responses=RESPONSES,
)
async def set_bio(
    body: BioRequest,
    caller: CallerDep,
    resources: ResourcesDep,
    now: NowDep,
    session_cache: SessionCacheDep,
    graph_sync_trigger: GraphSyncTriggerDep,
) -> Response:
    """Set the text about the caller, in any script and on several lines. An empty text takes it back."""
    return await _change_profile(ProfileChange(bio=body.bio), caller, resources, now, session_cache, graph_sync_trigger)


@router.put(
    "/avatar",
    dependencies=[permit(Permission.PROFILE_UPDATE, by_key=True), caller_strict],
    response_model=Answer[Profile],
    responses=RESPONSES,
)
async def set_avatar(
    body: AvatarRequest,
    caller: CallerDep,
    resources: ResourcesDep,
    now: NowDep,
    session_cache: SessionCacheDep,
    graph_sync_trigger: GraphSyncTriggerDep,
) -> Response:
    """Set the picture of the caller, named by its CID of version 0 or 1. Whether it exists is not checked."""
    return await _change_profile(
        ProfileChange(avatar_ipfs_hash=body.avatar_ipfs_hash), caller, resources, now, session_cache, graph_sync_trigger
    )


async def _change_profile(
    change: ProfileChange,
    caller: AuthenticatedCaller,
    resources: ResourcesDep,
    now: NowDep,
    session_cache: SessionCacheDep,
    graph_sync_trigger: GraphSyncTriggerDep,
) -> Response:
    user = await resources.users.profiles.change(caller.user.user_id, change, now)
    if user is None:
        raise NotAuthenticated
    await asyncio.gather(session_cache.invalidate_user(user.user_id), graph_sync_trigger.trigger(user.user_id))
    return success_response(Profile.of(user), "Profile updated successfully")
