"""What the caller likes, and who likes the same."""

from fastapi import APIRouter, Response

from api.access.route_limits import caller_std
from api.deps import Caller, Now
from api.http.errors import CALLER_ERRORS, problems
from api.http.responses import answer
from api.schemas.envelope import Answer
from api.schemas.paging import Paging
from api.social.deps import Resources
from api.social.schemas.interests import Interests, InterestsRequest, LikeMindedPage
from domain.social.interests import parse_place

router = APIRouter(prefix="/relationship/interest", tags=["relationships"])

CHANGED = problems(*CALLER_ERRORS, has_body=True)


@router.put("", dependencies=[caller_std], response_model=Answer[Interests], responses=CHANGED)
async def replace_interests(body: InterestsRequest, caller: Caller, resources: Resources, now: Now) -> Response:
    """Like these and nothing else. An empty list takes all back."""
    await resources.social.interests.replace(caller.user.user_id, body.interest, now)
    return answer(Interests(interest=sorted(set(body.interest))), "User interests updated successfully")


@router.post("/create", dependencies=[caller_std], response_model=Answer[Interests], responses=CHANGED)
async def add_interests(body: InterestsRequest, caller: Caller, resources: Resources, now: Now) -> Response:
    """Like these too. Shows all that the caller likes then."""
    interests, me = resources.social.interests, caller.user.user_id
    await interests.add(me, body.interest, now)
    return answer(Interests(interest=list(await interests.of(me))), "User interests created successfully")


@router.get("/list", dependencies=[caller_std], response_model=Answer[Interests], responses=problems(*CALLER_ERRORS))
async def list_interests(caller: Caller, resources: Resources) -> Response:
    """What the caller likes, by name."""
    interest = list(await resources.social.interests.of(caller.user.user_id))
    return answer(Interests(interest=interest), "User interests fetched successfully")


@router.get(
    "/suggest-user",
    dependencies=[caller_std],
    response_model=Answer[LikeMindedPage],
    responses=problems(*CALLER_ERRORS),
)
async def like_minded(caller: Caller, resources: Resources, paging: Paging, now: Now) -> Response:
    """People who share interests with the caller: most of them first, then by username. Nobody whom the caller follows,
    blocks or has dismissed. At most 2 000 are ranked, beginning with the caller's rarest interests.
    """
    page = await resources.social.interests.like_minded(
        caller.user.user_id,
        now=now,
        skip=paging.page * paging.limit,
        after=parse_place(paging.cursor) if paging.cursor else None,
        limit=paging.limit,
    )
    return answer(LikeMindedPage.of(page, paging), "Interest-based suggestions fetched successfully")
