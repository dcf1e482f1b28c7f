"""The current user, and existence of a username."""

from fastapi import APIRouter, Response

from api.access.permits import open_to_all, permit
from api.access.route_limits import caller_std, strict
from api.auth.deps import ResourcesDep
from api.auth.schemas.identity import CurrentUser, Existence, ExistRequest
from api.deps import CallerDep
from api.http.errors import CALLER_ERRORS, error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer
from domain.errors import InvalidInput
from domain.username import username_key
from domain.users.permissions import Permission

router = APIRouter(prefix="/auth", tags=["auth"])


@router.get(
    "/user/current",
    dependencies=[permit(Permission.PROFILE_READ, by_key=True), caller_std],
    response_model=Answer[CurrentUser],
    responses=error_responses(*CALLER_ERRORS),
)
async def get_current_user(caller: CallerDep) -> Response:
    """Return the account behind the access token, as it was within the last ten seconds."""
    user = caller.user
    view = CurrentUser(user_id=user.user_id, email=user.email_address, username=user.username, role=user.role)
    return success_response(view, "User found")


@router.post(
    "/info/exist-by-email-or-username",
    dependencies=[open_to_all, strict],
    response_model=Answer[Existence],
    responses=error_responses(InvalidInput, has_body=True),
)
async def user_exists(body: ExistRequest, resources: ResourcesDep) -> Response:
    """Return whether a username belongs to an account. Of mail addresses nothing is told."""
    if "@" in body.email_or_username:
        message = "only usernames can be asked for"
        raise InvalidInput(details=[{"field": "body.email_or_username", "message": message}])
    owner = await resources.users.users.find_id_by_username(username_key(body.email_or_username))
    return success_response(Existence(exists=owner is not None), "Username checked")
