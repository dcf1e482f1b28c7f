"""Changing one's own profile. Whoever changes it sees it at once; lists and search follow with the graph."""

import asyncio

from fastapi import APIRouter, Response

from api.access.authentication import Caller as AuthenticatedCaller
from api.access.route_limits import caller_strict
from api.deps import Caller, GraphSyncs, Known, Now
from api.http.errors import CALLER_ERRORS, problems
from api.http.responses import answer
from api.schemas.envelope import Answer
from api.users.deps import Resources
from api.users.schemas.own_profile import AvatarRequest, BioRequest, DisplayNameRequest
from api.users.schemas.users import Profile
from domain.errors import NotAuthenticated
from domain.users.users import ProfileChange

router = APIRouter(prefix="/users/profile", tags=["users"])

RESPONSES = problems(*CALLER_ERRORS, has_body=True)


@router.put("/display-name", dependencies=[caller_strict], response_model=Answer[Profile], responses=RESPONSES)
async def display_name(
    body: DisplayNameRequest, caller: Caller, resources: Resources, now: Now, known: Known, syncs: GraphSyncs
) -> Response:
    """Call oneself something else, in any script. It is kept as it was typed."""
    return await _changed(ProfileChange(display_name=body.display_name), caller, resources, now, known, syncs)


@router.put("/bio", dependencies=[caller_strict], response_model=Answer[Profile], responses=RESPONSES)
async def bio(
    body: BioRequest, caller: Caller, resources: Resources, now: Now, known: Known, syncs: GraphSyncs
) -> Response:
    """Say something about oneself, in any script and on several lines. An empty text takes it back."""
    return await _changed(ProfileChange(bio=body.bio), caller, resources, now, known, syncs)


@router.put("/avatar", dependencies=[caller_strict], response_model=Answer[Profile], responses=RESPONSES)
async def avatar(
    body: AvatarRequest, caller: Caller, resources: Resources, now: Now, known: Known, syncs: GraphSyncs
) -> Response:
    """Show another picture, named by its CID of version 0 or 1. Whether it is there nobody looks."""
    return await _changed(ProfileChange(avatar_ipfs_hash=body.avatar_ipfs_hash), caller, resources, now, known, syncs)


async def _changed(
    change: ProfileChange,
    caller: AuthenticatedCaller,
    resources: Resources,
    now: Now,
    known: Known,
    syncs: GraphSyncs,
) -> Response:
    user = await resources.users.profiles.change(caller.user.user_id, change, now)
    if user is None:
        raise NotAuthenticated
    await asyncio.gather(known.account_changed(user.user_id), syncs.kick(user.user_id))
    return answer(Profile.of(user), "Profile updated successfully")
