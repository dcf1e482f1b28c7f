"""What users may do, and why. Answers say in `X-Access-Version` by which version of roles and permissions."""

from fastapi import APIRouter, Request, Response

from api.access.authentication import Caller
from api.access.permits import permit, require_permission
from api.access.route_limits import caller_std
from api.deps import CallerDep, NowDep, RoleCatalogueDep
from api.http.errors import CALLER_ERRORS, error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer
from api.schemas.fields import UserIdInPath
from api.users.deps import ResourcesDep
from api.users.schemas.grants import AccessView, Decisions, DecisionView, Questions
from domain.errors import Forbidden, InvalidInput
from domain.users.errors import UserNotFound
from domain.users.permissions import Permission
from domain.users.users import User

router = APIRouter(tags=["access"])

VERSION_HEADER = "X-Access-Version"


@router.get(
    "/users/{user_id}/access",
    dependencies=[permit(Permission.ACCOUNT_READ), caller_std],
    response_model=Answer[AccessView],
    responses=error_responses(*CALLER_ERRORS, Forbidden, InvalidInput, UserNotFound),
)
async def get(
    user_id: UserIdInPath,
    request: Request,
    caller: CallerDep,
    resources: ResourcesDep,
    catalogue: RoleCatalogueDep,
    now: NowDep,
) -> Response:
    """Return the role, the grants and all permissions of the caller, or of another user for callers with
    `roles:read`. A deactivated one has them again when the account is active again.
    """
    user = await _find_readable(user_id, caller, request, resources)
    access = await catalogue.newest()
    view = AccessView.of(user.role, user.grants, access.paths_of(user, now), access.version)
    return _stamped(success_response(view, "Access found"), access.version)


@router.post(
    "/access/decide",
    dependencies=[permit(Permission.ACCOUNT_READ), caller_std],
    response_model=Answer[Decisions],
    responses=error_responses(*CALLER_ERRORS, Forbidden, UserNotFound, has_body=True),
)
async def decide(
    body: Questions,
    request: Request,
    caller: CallerDep,
    resources: ResourcesDep,
    catalogue: RoleCatalogueDep,
    now: NowDep,
) -> Response:
    """Say for each permission whether the caller has it, and why; or another user, for callers with `roles:read`."""
    user = await _find_readable(body.user_id or caller.user.user_id, caller, request, resources)
    if not user.is_active:
        raise UserNotFound
    access = await catalogue.newest()
    decisions = [DecisionView.of(decision) for decision in access.decide(user, body.permissions, now)]
    return _stamped(success_response(Decisions(decisions=decisions), "Decided"), access.version)


async def _find_readable(user_id: str, caller: Caller, request: Request, resources: ResourcesDep) -> User:
    """Return the account, as it is now, if the caller may see its rights. Raises Forbidden, UserNotFound."""
    if user_id != caller.user.user_id:
        await require_permission(request, Permission.ROLES_READ)
    user = await resources.users.users.find(user_id)
    if user is None:
        raise UserNotFound
    return user


def _stamped(response: Response, version: int) -> Response:
    response.headers[VERSION_HEADER] = str(version)
    return response
