"""Lists of people, newest edge first: followers, followings, the blocked, mutual followers, and who is in them."""

import asyncio
from collections.abc import Awaitable

from fastapi import APIRouter, Response

from api.access.route_limits import caller_std
from api.deps import Caller
from api.http.errors import CALLER_ERRORS, problems
from api.http.responses import answer
from api.schemas.envelope import Answer
from api.schemas.fields import UserIdInPath
from api.schemas.paging import PageQuery, Paging
from api.social.deps import Resources
from api.social.schemas.lists import Inside, OwnedBy, UserList
from api.social.schemas.search import PeoplePage
from domain.paging import PageOf
from domain.social.relationships import PersonRow
from domain.social.search import plain_text
from domain.users.errors import UserNotFound

router = APIRouter(prefix="/relationship", tags=["relationships"])

OWN = problems(*CALLER_ERRORS)
THEIRS = problems(*CALLER_ERRORS, UserNotFound)


@router.get("/follow/followers/me", dependencies=[caller_std], response_model=Answer[UserList], responses=OWN)
async def my_followers(caller: Caller, resources: Resources, paging: Paging) -> Response:
    """Who follows the caller, newest follow first."""
    me = caller.user.user_id
    page = await resources.social.lists.followers(me, caller_id=me, window=paging.window)
    return _shown(page, paging, "Followers fetched successfully")


@router.get("/follow/followings/me", dependencies=[caller_std], response_model=Answer[UserList], responses=OWN)
async def my_followings(caller: Caller, resources: Resources, paging: Paging) -> Response:
    """Whom the caller follows, newest follow first."""
    me = caller.user.user_id
    page = await resources.social.lists.followings(me, caller_id=me, window=paging.window)
    return _shown(page, paging, "Following users fetched successfully")


@router.get("/follow/followers", dependencies=[caller_std], response_model=Answer[UserList], responses=THEIRS)
async def followers(caller: Caller, resources: Resources, query: OwnedBy) -> Response:
    """Who follows somebody, newest follow first. Flags are relative to the caller. Nobody is in it who blocks the
    caller or is blocked by them; who is deactivated, or blocks the caller, has no list.
    """
    lists, me = resources.social.lists, caller.user.user_id
    reading = lists.followers(query.user_id, caller_id=me, window=query.window)
    page = await _of_somebody(resources, query.user_id, reading)
    return _shown(page, query, "Followers fetched successfully")


@router.get("/follow/followings", dependencies=[caller_std], response_model=Answer[UserList], responses=THEIRS)
async def followings(caller: Caller, resources: Resources, query: OwnedBy) -> Response:
    """Whom somebody follows, in the same way."""
    lists, me = resources.social.lists, caller.user.user_id
    reading = lists.followings(query.user_id, caller_id=me, window=query.window)
    page = await _of_somebody(resources, query.user_id, reading)
    return _shown(page, query, "Following users fetched successfully")


@router.get("/block/blocked", dependencies=[caller_std], response_model=Answer[UserList], responses=OWN)
async def blocked(caller: Caller, resources: Resources, paging: Paging) -> Response:
    """Whom the caller blocks, newest block first."""
    page = await resources.social.lists.blocked(caller.user.user_id, window=paging.window)
    return _shown(page, paging, "Blocked users fetched successfully")


@router.get(
    "/mutual/followers/{user_id_to}", dependencies=[caller_std], response_model=Answer[UserList], responses=THEIRS
)
async def mutual_followers(user_id_to: UserIdInPath, caller: Caller, resources: Resources, paging: Paging) -> Response:
    """Followers of somebody whom the caller follows, the caller's newest follow first."""
    reading = resources.social.list_search.mutual(user_id_to, caller_id=caller.user.user_id, window=paging.window)
    page = await _of_somebody(resources, user_id_to, reading)
    return _shown(page, paging, "Mutual followers fetched successfully")


@router.get("/search/followers", dependencies=[caller_std], response_model=Answer[PeoplePage], responses=OWN)
async def search_followers(caller: Caller, resources: Resources, query: Inside) -> Response:
    """Followers of the caller with this text in a name, newest follow first. Of a list of more than 10 000 the newest
    are looked at, and `total_capped` says so.
    """
    text, me = plain_text(query.params), caller.user.user_id
    page = await resources.social.list_search.find_followers(text, caller_id=me, window=query.window)
    return answer(PeoplePage.of(page, query), "Followers fetched successfully")


@router.get("/search/followings", dependencies=[caller_std], response_model=Answer[PeoplePage], responses=OWN)
async def search_followings(caller: Caller, resources: Resources, query: Inside) -> Response:
    """The same among those whom the caller follows."""
    text, me = plain_text(query.params), caller.user.user_id
    page = await resources.social.list_search.find_followings(text, caller_id=me, window=query.window)
    return answer(PeoplePage.of(page, query), "Following users fetched successfully")


async def _of_somebody(resources: Resources, user_id: str, reading: Awaitable[PageOf[PersonRow]]) -> PageOf[PersonRow]:
    """The page, of somebody who is there: MongoDB knows that first, and of those who are not in the graph yet."""
    is_there, page = await asyncio.gather(resources.users.users.is_active(user_id), reading)
    if not is_there:
        raise UserNotFound
    return page


def _shown(page: PageOf[PersonRow], query: PageQuery, message: str) -> Response:
    return answer(UserList.of(page, query), message)
