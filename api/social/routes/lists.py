"""Lists of users, newest edge first: followers, followings, blocked users, mutual followers; and search in them."""

import asyncio
from collections.abc import Awaitable

from fastapi import APIRouter, Response

from api.access.permits import permit
from api.access.route_limits import caller_std
from api.deps import CallerDep
from api.http.errors import CALLER_ERRORS, error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer
from api.schemas.fields import UserIdInPath
from api.schemas.paging import PageQuery, Paging
from api.social.deps import ResourcesDep
from api.social.schemas.lists import Inside, OwnedBy, UserList
from api.social.schemas.search import PeoplePage
from domain.paging import Page
from domain.social.relationships import PersonRow
from domain.social.search import normalize_text
from domain.users.errors import UserNotFound
from domain.users.permissions import Permission

router = APIRouter(prefix="/relationship", tags=["relationships"])

OWN_RESPONSES = error_responses(*CALLER_ERRORS)
OTHERS_RESPONSES = error_responses(*CALLER_ERRORS, UserNotFound)


@router.get(
    "/follow/followers/me",
    dependencies=[permit(Permission.RELATIONSHIPS_READ, by_key=True), caller_std],
    response_model=Answer[UserList],
    responses=OWN_RESPONSES,
)
async def list_own_followers(caller: CallerDep, resources: ResourcesDep, paging: Paging) -> Response:
    """List who follows the caller, newest follow first."""
    me = caller.user.user_id
    page = await resources.social.lists.list_followers(me, caller_id=me, page_request=paging.window)
    return _response(page, paging, "Followers fetched successfully")


@router.get(
    "/follow/followings/me",
    dependencies=[permit(Permission.RELATIONSHIPS_READ, by_key=True), caller_std],
    response_model=Answer[UserList],
    responses=OWN_RESPONSES,
)
async def list_own_followings(caller: CallerDep, resources: ResourcesDep, paging: Paging) -> Response:
    """List whom the caller follows, newest follow first."""
    me = caller.user.user_id
    page = await resources.social.lists.list_followees(me, caller_id=me, page_request=paging.window)
    return _response(page, paging, "Following users fetched successfully")


@router.get(
    "/follow/followers",
    dependencies=[permit(Permission.RELATIONSHIPS_READ, by_key=True), caller_std],
    response_model=Answer[UserList],
    responses=OTHERS_RESPONSES,
)
async def list_followers(caller: CallerDep, resources: ResourcesDep, query: OwnedBy) -> Response:
    """List who follows a user, newest follow first. Flags are relative to the caller. Users who block the caller or
    are blocked by them are left out; a user who is deactivated, or blocks the caller, has no list.
    """
    lists, me = resources.social.lists, caller.user.user_id
    reading = lists.list_followers(query.user_id, caller_id=me, page_request=query.window)
    page = await _read_list_of(resources, query.user_id, reading)
    return _response(page, query, "Followers fetched successfully")


@router.get(
    "/follow/followings",
    dependencies=[permit(Permission.RELATIONSHIPS_READ, by_key=True), caller_std],
    response_model=Answer[UserList],
    responses=OTHERS_RESPONSES,
)
async def list_followings(caller: CallerDep, resources: ResourcesDep, query: OwnedBy) -> Response:
    """List whom a user follows, newest follow first. Flags are relative to the caller."""
    lists, me = resources.social.lists, caller.user.user_id
    reading = lists.list_followees(query.user_id, caller_id=me, page_request=query.window)
    page = await _read_list_of(resources, query.user_id, reading)
    return _response(page, query, "Following users fetched successfully")


@router.get(
    "/block/blocked",
    dependencies=[permit(Permission.RELATIONSHIPS_READ, by_key=True), caller_std],
    response_model=Answer[UserList],
    responses=OWN_RESPONSES,
)
async def list_blocked(caller: CallerDep, resources: ResourcesDep, paging: Paging) -> Response:
    """List whom the caller blocks, newest block first."""
    page = await resources.social.lists.list_blocked(caller.user.user_id, page_request=paging.window)
    return _response(page, paging, "Blocked users fetched successfully")


@router.get(
    "/mutual/followers/{user_id_to}",
    dependencies=[permit(Permission.RELATIONSHIPS_READ, by_key=True), caller_std],
    response_model=Answer[UserList],
    responses=OTHERS_RESPONSES,
)
async def list_mutual_followers(
    user_id_to: UserIdInPath, caller: CallerDep, resources: ResourcesDep, paging: Paging
) -> Response:
    """List followers of a user whom the caller follows, the caller's newest follow first."""
    reading = resources.social.list_search.list_mutual_followers(
        user_id_to, caller_id=caller.user.user_id, page_request=paging.window
    )
    page = await _read_list_of(resources, user_id_to, reading)
    return _response(page, paging, "Mutual followers fetched successfully")


@router.get(
    "/search/followers",
    dependencies=[permit(Permission.RELATIONSHIPS_READ, by_key=True), caller_std],
    response_model=Answer[PeoplePage],
    responses=OWN_RESPONSES,
)
async def search_followers(caller: CallerDep, resources: ResourcesDep, query: Inside) -> Response:
    """Search followers of the caller by text in a name, newest follow first. Of a list of more than 10 000 the newest
    are looked at, and `total_capped` says so.
    """
    text, me = normalize_text(query.params), caller.user.user_id
    page = await resources.social.list_search.find_followers(text, caller_id=me, page_request=query.window)
    return success_response(PeoplePage.of(page, query), "Followers fetched successfully")


@router.get(
    "/search/followings",
    dependencies=[permit(Permission.RELATIONSHIPS_READ, by_key=True), caller_std],
    response_model=Answer[PeoplePage],
    responses=OWN_RESPONSES,
)
async def search_followings(caller: CallerDep, resources: ResourcesDep, query: Inside) -> Response:
    """Search those whom the caller follows by text in a name, newest follow first."""
    text, me = normalize_text(query.params), caller.user.user_id
    page = await resources.social.list_search.find_followings(text, caller_id=me, page_request=query.window)
    return success_response(PeoplePage.of(page, query), "Following users fetched successfully")


async def _read_list_of(resources: ResourcesDep, user_id: str, reading: Awaitable[Page[PersonRow]]) -> Page[PersonRow]:
    """Return the page of an active user. MongoDB decides: a new user may not be in the graph. Raises UserNotFound."""
    is_active, page = await asyncio.gather(resources.users.users.is_active(user_id), reading)
    if not is_active:
        raise UserNotFound
    return page


def _response(page: Page[PersonRow], query: PageQuery, message: str) -> Response:
    return success_response(UserList.of(page, query), message)
