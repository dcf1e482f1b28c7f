"""The caller's relations to one user, or to up to a hundred at once."""

import asyncio
from dataclasses import asdict

from fastapi import APIRouter, Response

from api.access.permits import permit
from api.access.route_limits import caller_std, user_or_address_std
from api.deps import CallerDep, OptionalCallerDep
from api.http.errors import CALLER_ERRORS, error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer
from api.schemas.fields import UserIdInPath
from api.social.deps import ResourcesDep
from api.social.schemas.relationships import Standings, StandingView, StatusRequest
from api.social.schemas.search import GraphUserView
from domain.social.relationships import person_summary
from domain.users.errors import UserNotFound
from domain.users.permissions import Permission

router = APIRouter(prefix="/relationship", tags=["relationships"])


@router.get(
    "/user/{user_id}",
    dependencies=[permit(Permission.USERS_READ, is_optional=True, by_key=True), user_or_address_std],
    response_model=Answer[GraphUserView],
    responses=error_responses(*CALLER_ERRORS, UserNotFound),
)
async def get_user(user_id: UserIdInPath, caller: OptionalCallerDep, resources: ResourcesDep) -> Response:
    """Return a user with counts and flags; all flags are false without a token. Who is deactivated, or blocks the
    caller, is not found.
    """
    account, relations = await asyncio.gather(
        resources.users.users.find(user_id),
        resources.social.relationships.find_profile_relations(
            user_id, caller_id=caller.user.user_id if caller else None
        ),
    )
    if account is None or not account.is_active or relations.blocks_caller:
        raise UserNotFound
    return success_response(
        GraphUserView.of_row(person_summary(account), relations.counts), "User fetched successfully"
    )


@router.post(
    "/status",
    dependencies=[permit(Permission.RELATIONSHIPS_READ, by_key=True), caller_std],
    response_model=Answer[Standings],
    responses=error_responses(*CALLER_ERRORS, has_body=True),
)
async def get_status(body: StatusRequest, caller: CallerDep, resources: ResourcesDep) -> Response:
    """Return how the caller stands to each of up to 100 users. All is false of an unknown user, and of one who blocks
    the caller.
    """
    found = await resources.social.relationships.find_relations(body.user_ids, caller_id=caller.user.user_id)
    standings = [StandingView(**asdict(standing)) for standing in found]
    return success_response(Standings(users=standings), "Status fetched successfully")
