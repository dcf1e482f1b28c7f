"""The caller's interests, and users who share them."""

from fastapi import APIRouter, Response

from api.access.permits import permit
from api.access.route_limits import caller_std
from api.deps import CallerDep, NowDep
from api.http.errors import CALLER_ERRORS, error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer
from api.schemas.paging import Paging
from api.social.deps import ResourcesDep
from api.social.edge_ends import find_own_end
from api.social.schemas.interests import Interests, InterestsRequest, LikeMindedPage
from domain.social.interests import parse_interest_cursor
from domain.users.permissions import Permission

router = APIRouter(prefix="/relationship/interest", tags=["interests"])

CHANGE_RESPONSES = error_responses(*CALLER_ERRORS, has_body=True)


@router.put(
    "",
    dependencies=[permit(Permission.INTERESTS_WRITE, by_key=True), caller_std],
    response_model=Answer[Interests],
    responses=CHANGE_RESPONSES,
)
async def replace(body: InterestsRequest, caller: CallerDep, resources: ResourcesDep, now: NowDep) -> Response:
    """Replace the interests of the caller. An empty list takes all back."""
    me = await find_own_end(resources, caller)
    await resources.social.interests.replace(me, body.interest, now)
    return success_response(Interests(interest=sorted(set(body.interest))), "User interests updated successfully")


@router.post(
    "/create",
    dependencies=[permit(Permission.INTERESTS_WRITE, by_key=True), caller_std],
    response_model=Answer[Interests],
    responses=CHANGE_RESPONSES,
)
async def add(body: InterestsRequest, caller: CallerDep, resources: ResourcesDep, now: NowDep) -> Response:
    """Add interests to those of the caller. Shows all that the caller likes then."""
    interests, me = resources.social.interests, await find_own_end(resources, caller)
    await interests.add(me, body.interest, now)
    return success_response(
        Interests(interest=list(await interests.list_interests(me.user_id))), "User interests created successfully"
    )


@router.get(
    "/list",
    dependencies=[permit(Permission.INTERESTS_READ, by_key=True), caller_std],
    response_model=Answer[Interests],
    responses=error_responses(*CALLER_ERRORS),
)
async def list_own(caller: CallerDep, resources: ResourcesDep) -> Response:
    """List the interests of the caller, by name."""
    interest = list(await resources.social.interests.list_interests(caller.user.user_id))
    return success_response(Interests(interest=interest), "User interests fetched successfully")


@router.get(
    "/suggest-user",
    dependencies=[permit(Permission.INTERESTS_READ, by_key=True), caller_std],
    response_model=Answer[LikeMindedPage],
    responses=error_responses(*CALLER_ERRORS),
)
async def list_like_minded(caller: CallerDep, resources: ResourcesDep, paging: Paging, now: NowDep) -> Response:
    """List users who share interests with the caller: most of them first, then by username. Users whom the caller
    follows, blocks or has dismissed are left out. At most 2 000 are ranked, beginning with the caller's rarest
    interests.
    """
    page = await resources.social.interests.find_shared_interest_users(
        caller.user.user_id,
        now=now,
        skip=paging.page * paging.limit,
        after=parse_interest_cursor(paging.cursor) if paging.cursor else None,
        limit=paging.limit,
    )
    return success_response(LikeMindedPage.of(page, paging), "Interest-based suggestions fetched successfully")
