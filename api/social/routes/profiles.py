"""Profiles: the caller's own, and those of other users."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.access.key_authentication import KeyCaller
from api.access.permits import permit
from api.access.route_limits import caller_std, user_or_address_std
from api.deps import CallerDep, FlowsDep, NowDep, OptionalCallerDep
from api.http.errors import CALLER_ERRORS, error_responses
from api.http.outages import none_if_unavailable
from api.http.responses import success_response
from api.schemas.envelope import Answer
from api.schemas.fields import ObjectId
from api.social.deps import ResourcesDep
from api.social.schemas.profiles import OtherProfile, OwnProfile
from domain.errors import FlowNotFound, NotAuthenticated
from domain.flows import FlowView
from domain.users.errors import UserNotFound
from domain.users.permissions import Permission
from domain.users.users import User

router = APIRouter(prefix="/users/profile", tags=["profiles"])


@router.get(
    "/me",
    dependencies=[permit(Permission.PROFILE_READ, by_key=True), caller_std],
    response_model=Answer[OwnProfile],
    responses=error_responses(*CALLER_ERRORS),
)
async def get_own(caller: CallerDep, resources: ResourcesDep, flows: FlowsDep, now: NowDep) -> Response:
    """Return the caller's profile. While the graph is away its counts are null; while Redis is, no user is online.

    An API key is not shown the ids of flows, which are secrets.
    """
    person, counts, is_online = await asyncio.gather(
        resources.auth.wallets.find_user_with_wallets(caller.user.user_id),
        none_if_unavailable(resources.social.relationships.count_edges(caller.user.user_id)),
        none_if_unavailable(resources.users.presence.is_online(caller.user.user_id, now)),
    )
    if person is None:
        raise NotAuthenticated
    user, wallets = person
    pending = [] if isinstance(caller, KeyCaller) else await _pending_flows(user, resources, flows)
    profile = OwnProfile.of_oneself(user, wallets, counts, is_online=bool(is_online), pending_flows=pending)
    return success_response(profile, "Profile found")


@router.get(
    "/{user_id}",
    dependencies=[permit(Permission.USERS_READ, is_optional=True, by_key=True), user_or_address_std],
    response_model=Answer[OtherProfile],
    responses=error_responses(*CALLER_ERRORS, UserNotFound),
)
async def get(
    user_id: Annotated[ObjectId, Path()], caller: OptionalCallerDep, resources: ResourcesDep, now: NowDep
) -> Response:
    """Return a user's profile, with what it is to the caller; all flags are false without a token. Who is deactivated,
    or blocks the caller, is not found. What the graph tells is null while that is away.
    """
    caller_id = caller.user.user_id if caller else None
    person, relations, is_online = await asyncio.gather(
        resources.auth.wallets.find_user_with_wallets(user_id),
        none_if_unavailable(resources.social.relationships.find_profile_relations(user_id, caller_id=caller_id)),
        none_if_unavailable(resources.users.presence.is_online(user_id, now)),
    )
    user, wallets = person or (None, ())
    if user is None or not user.is_active or (relations and relations.blocks_caller):
        raise UserNotFound
    return success_response(OtherProfile.of_other(user, wallets, relations, is_online=bool(is_online)), "Profile found")


async def _pending_flows(user: User, resources: ResourcesDep, flows: FlowsDep) -> Sequence[FlowView]:
    """Return the user's open changes; none while Temporal is unavailable."""
    looks = (none_if_unavailable(_get_status(flow_id, flows)) for flow_id in resources.users.open_flows.flow_ids(user))
    return [view for view in await asyncio.gather(*looks) if view and view.state.is_open]


async def _get_status(flow_id: str, flows: FlowsDep) -> FlowView | None:
    try:
        return await flows.get_status(flow_id)
    except FlowNotFound:
        return None
