"""Profiles, and whether a name is free."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.answers import answer
from api.deps import Caller, Flows, Hashes, Now, Resources
from api.errors import problems, tolerated
from api.limits import caller_std, strict
from api.schemas.envelope import Answer
from api.schemas.fields import Username
from api.schemas.users import NameAvailability, OwnProfile
from domain.errors import FlowNotFound, NotAuthenticated, SessionExpired, SessionRevoked
from domain.flows import FlowView
from domain.username import is_reserved, username_key
from domain.users import User

router = APIRouter(prefix="/users", tags=["users"])


@router.get(
    "/profile/me",
    dependencies=[caller_std],
    response_model=Answer[OwnProfile],
    responses=problems(NotAuthenticated, SessionRevoked, SessionExpired),
)
async def me(caller: Caller, resources: Resources, flows: Flows, now: Now) -> Response:
    """One's own profile. While the graph is away its counts are null; while Redis is, nobody is online; while
    Temporal is, no flow is pending.
    """
    user, counts, is_online = await asyncio.gather(
        resources.users.find(caller.user.user_id),
        tolerated(resources.graph_users.count_edges(caller.user.user_id)),
        tolerated(resources.presence.is_online(caller.user.user_id, now)),
    )
    if user is None:
        raise NotAuthenticated
    following, followers = (counts.following, counts.followers) if counts else (None, None)
    profile = OwnProfile.of_oneself(
        user,
        following=following,
        followers=followers,
        is_online=bool(is_online),
        pending_flows=await _pending(user, resources, flows),
    )
    return answer(profile, "Profile found")


@router.get(
    "/search/existing-username", dependencies=[strict], response_model=Answer[NameAvailability], responses=problems()
)
async def existing_username(
    username: Annotated[Username, Query()], resources: Resources, hashes: Hashes, now: Now
) -> Response:
    """Whether a username can be had now. Reserved and held names cannot."""
    return answer(await _availability(username, resources, hashes, now), "Username checked")


async def _pending(user: User, resources: Resources, flows: Flows) -> list[FlowView]:
    """The changes that the person has under way."""
    looks = (_look(flow_id, flows) for flow_id in resources.open_changes.flow_ids(user))
    return [view for view in await asyncio.gather(*looks) if view and view.state.is_open]


async def _look(flow_id: str, flows: Flows) -> FlowView | None:
    try:
        return await tolerated(flows.look(flow_id))
    except FlowNotFound:
        return None


async def _availability(username: str, resources: Resources, hashes: Hashes, now: Now) -> NameAvailability:
    if is_reserved(username):
        return NameAvailability(available=False, reason="reserved")
    key = username_key(username)
    owner, is_held = await asyncio.gather(
        resources.users.find_username_owner(key),
        resources.registrations.is_held(hashes.username_hold(key), now),
    )
    if owner is not None or is_held:
        return NameAvailability(available=False, reason="taken")
    return NameAvailability(available=True)
