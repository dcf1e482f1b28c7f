"""How the caller stands to somebody, or to a hundred people at once."""

import asyncio
from dataclasses import asdict

from fastapi import APIRouter, Response

from api.access.route_limits import anybody_std, caller_std
from api.deps import Caller, OptionalCaller
from api.http.errors import CALLER_ERRORS, problems
from api.http.responses import answer
from api.schemas.envelope import Answer
from api.schemas.fields import UserIdInPath
from api.social.deps import Resources
from api.social.schemas.relationships import Standings, StandingView, StatusRequest
from api.social.schemas.search import GraphUserView
from domain.social.relationships import face_of
from domain.users.errors import UserNotFound

router = APIRouter(prefix="/relationship", tags=["relationships"])


@router.get(
    "/user/{user_id}",
    dependencies=[anybody_std],
    response_model=Answer[GraphUserView],
    responses=problems(*CALLER_ERRORS, UserNotFound),
)
async def user(user_id: UserIdInPath, caller: OptionalCaller, resources: Resources) -> Response:
    """Somebody in the graph; all flags are false without a token. Who is deactivated, or blocks the caller, is not
    found.
    """
    account, regard = await asyncio.gather(
        resources.users.users.find(user_id),
        resources.social.relationships.regard(user_id, caller_id=caller.user.user_id if caller else None),
    )
    if account is None or not account.is_active or regard.blocks_caller:
        raise UserNotFound
    return answer(GraphUserView.of_row(face_of(account), regard.ties), "User fetched successfully")


@router.post(
    "/status",
    dependencies=[caller_std],
    response_model=Answer[Standings],
    responses=problems(*CALLER_ERRORS, has_body=True),
)
async def status(body: StatusRequest, caller: Caller, resources: Resources) -> Response:
    """How the caller stands to each of up to 100 people. Of nobody, and of who blocks the caller, all is false."""
    found = await resources.social.relationships.standings(body.user_ids, caller_id=caller.user.user_id)
    standings = [StandingView(**asdict(standing)) for standing in found]
    return answer(Standings(users=standings), "Status fetched successfully")
