"""Profiles, and whether a name is free."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.answers import answer
from api.deps import Caller, Hashes, Now, Resources
from api.errors import problems, tolerated
from api.limits import caller_std, strict
from api.schemas.envelope import Answer
from api.schemas.fields import Username
from api.schemas.users import NameAvailability, OwnProfile
from domain.errors import NotAuthenticated, SessionExpired, SessionRevoked
from domain.username import is_reserved, username_key

router = APIRouter(prefix="/users", tags=["users"])


@router.get(
    "/profile/me",
    dependencies=[caller_std],
    response_model=Answer[OwnProfile],
    responses=problems(NotAuthenticated, SessionRevoked, SessionExpired),
)
async def me(caller: Caller, resources: Resources, now: Now) -> Response:
    """One's own profile. While the graph is away its counts are null; while Redis is, nobody is online."""
    user, counts, is_online = await asyncio.gather(
        resources.users.find(caller.user.user_id),
        tolerated(resources.graph_users.count_edges(caller.user.user_id)),
        tolerated(resources.presence.is_online(caller.user.user_id, now)),
    )
    if user is None:
        raise NotAuthenticated
    following, followers = (counts.following, counts.followers) if counts else (None, None)
    profile = OwnProfile.of_oneself(user, following=following, followers=followers, is_online=bool(is_online))
    return answer(profile, "Profile found")


@router.get(
    "/search/existing-username", dependencies=[strict], response_model=Answer[NameAvailability], responses=problems()
)
async def existing_username(
    username: Annotated[Username, Query()], resources: Resources, hashes: Hashes, now: Now
) -> Response:
    """Whether a username can be had now. Reserved and held names cannot."""
    return answer(await _availability(username, resources, hashes, now), "Username checked")


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
