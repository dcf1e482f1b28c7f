"""Who am I, and does this name belong to somebody."""

from fastapi import APIRouter, Response

from api.access.route_limits import caller_std, strict
from api.auth.deps import Resources
from api.auth.schemas.identity import CurrentUser, Existence, ExistRequest
from api.deps import Caller
from api.http.errors import CALLER_ERRORS, problems
from api.http.responses import answer
from api.schemas.envelope import Answer
from domain.errors import InvalidInput
from domain.username import username_key

router = APIRouter(prefix="/auth", tags=["sessions"])


@router.get(
    "/user/current", dependencies=[caller_std], response_model=Answer[CurrentUser], responses=problems(*CALLER_ERRORS)
)
async def current(caller: Caller) -> Response:
    """The account behind the access token, as it was within the last ten seconds."""
    user = caller.user
    view = CurrentUser(user_id=user.user_id, email=user.email_address, username=user.username, role=user.role)
    return answer(view, "User found")


@router.post(
    "/info/exist-by-email-or-username",
    dependencies=[strict],
    response_model=Answer[Existence],
    responses=problems(InvalidInput, has_body=True),
)
async def exists(body: ExistRequest, resources: Resources) -> Response:
    """Whether a username belongs to somebody. Of mail addresses nothing is told."""
    if "@" in body.email_or_username:
        message = "only usernames can be asked for"
        raise InvalidInput(details=[{"field": "body.email_or_username", "message": message}])
    owner = await resources.users.users.find_username_owner(username_key(body.email_or_username))
    return answer(Existence(exists=owner is not None), "Username checked")
