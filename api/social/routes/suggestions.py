"""Whom the caller may want to follow, and whom not."""

from fastapi import APIRouter, Response

from api.access.route_limits import caller_std
from api.deps import Caller, Now
from api.http.errors import CALLER_ERRORS, problems
from api.http.responses import answer
from api.schemas.envelope import Answer
from api.schemas.paging import Paging
from api.social.deps import Resources, SuggestionPages
from api.social.schemas.suggestions import Dismissed, DismissRequest, SuggestionPage
from domain.social.errors import CannotTargetSelf
from domain.social.follows import require_other
from domain.social.suggestions import DISMISSED_FOR, cursor_stretch, page_stretch
from domain.users.errors import UserNotFound

router = APIRouter(prefix="/relationship/suggest", tags=["relationships"])


@router.get("", dependencies=[caller_std], response_model=Answer[SuggestionPage], responses=problems(*CALLER_ERRORS))
async def suggest(caller: Caller, pages: SuggestionPages, paging: Paging, now: Now) -> Response:
    """Friends of friends, and people with the same interests, the best first, each with the reason. Nobody whom the
    caller follows, blocks or has dismissed, or who blocks the caller. The order stands for 15 minutes, or until the
    caller begins anew after a follow or a block.
    """
    stretch = (
        cursor_stretch(paging.cursor, limit=paging.limit)
        if paging.cursor
        else page_stretch(page=paging.page, limit=paging.limit)
    )
    found = await pages.read(caller.user.user_id, stretch, now)
    return answer(SuggestionPage.of(found, stretch, paging), "Suggestions fetched successfully")


@router.post(
    "/dismiss",
    dependencies=[caller_std],
    response_model=Answer[Dismissed],
    responses=problems(*CALLER_ERRORS, CannotTargetSelf, UserNotFound, has_body=True),
)
async def dismiss(body: DismissRequest, caller: Caller, resources: Resources, now: Now) -> Response:
    """Suggest somebody no more for 90 days."""
    me = caller.user.user_id
    require_other(me, body.user_id)
    if not await resources.users.users.is_active(body.user_id):
        raise UserNotFound
    await resources.social.suggestions.dismiss(me, body.user_id, now=now, until=now + DISMISSED_FOR)
    return answer(Dismissed(), "Suggestion dismissed successfully")
