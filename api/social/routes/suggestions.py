"""Suggestions of users to follow, and their dismissal."""

from fastapi import APIRouter, Response

from api.access.permits import permit
from api.access.route_limits import caller_std
from api.deps import CallerDep, NowDep
from api.http.errors import CALLER_ERRORS, error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer
from api.schemas.paging import Paging
from api.social.deps import ResourcesDep, SuggestionPagesDep
from api.social.edge_ends import find_both_ends
from api.social.schemas.suggestions import Dismissed, DismissRequest, SuggestionPage
from domain.social.errors import CannotTargetSelf
from domain.social.suggestions import DISMISSAL_TTL, cursor_slice, page_slice
from domain.users.errors import UserNotFound
from domain.users.permissions import Permission

router = APIRouter(prefix="/relationship/suggest", tags=["suggestions"])


@router.get(
    "",
    name="list",
    dependencies=[permit(Permission.INTERESTS_READ, by_key=True), caller_std],
    response_model=Answer[SuggestionPage],
    responses=error_responses(*CALLER_ERRORS),
)
async def list_page(caller: CallerDep, pages: SuggestionPagesDep, paging: Paging, now: NowDep) -> Response:
    """Suggest friends of friends, and people with the same interests, the best first, each with the reason. Users
    whom the caller follows, blocks or has dismissed, and users who block the caller, are left out. The order stands for
    15 minutes, or until the caller begins anew after a follow or a block.
    """
    wanted_slice = (
        cursor_slice(paging.cursor, limit=paging.limit)
        if paging.cursor
        else page_slice(page=paging.page, limit=paging.limit)
    )
    found = await pages.read(caller.user.user_id, wanted_slice, now)
    return success_response(SuggestionPage.of(found, wanted_slice, paging), "Suggestions fetched successfully")


@router.post(
    "/dismiss",
    dependencies=[permit(Permission.INTERESTS_WRITE, by_key=True), caller_std],
    response_model=Answer[Dismissed],
    responses=error_responses(*CALLER_ERRORS, CannotTargetSelf, UserNotFound, has_body=True),
)
async def dismiss(body: DismissRequest, caller: CallerDep, resources: ResourcesDep, now: NowDep) -> Response:
    """Suggest a user no more for 90 days."""
    me, other = await find_both_ends(resources, caller, body.user_id)
    await resources.social.suggestions.dismiss(me, other, now=now, until=now + DISMISSAL_TTL)
    return success_response(Dismissed(), "Suggestion dismissed successfully")
