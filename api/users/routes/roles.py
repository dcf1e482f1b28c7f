"""Roles of accounts: the built-in ones, one each."""

import asyncio
from dataclasses import replace

from fastapi import APIRouter, Response

from api.access.permits import permit
from api.access.route_limits import caller_std
from api.deps import CallerDep, GraphSyncTriggerDep, RequestContextDep, SessionCacheDep
from api.http.errors import CALLER_ERRORS, error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer
from api.users.deps import ResourcesDep
from api.users.schemas.roles import RoleRequest
from api.users.schemas.users import Profile
from domain.users.errors import GrantTooWide, LastAdmin, UserNotFound
from domain.users.permissions import Permission
from domain.users.security_events import EventKind

router = APIRouter(prefix="/users/profile/role", tags=["profiles"])


@router.put(
    "",
    dependencies=[permit(Permission.ROLES_ASSIGN), caller_std],
    response_model=Answer[Profile],
    responses=error_responses(*CALLER_ERRORS, GrantTooWide, UserNotFound, LastAdmin, has_body=True),
)
async def set_role(
    body: RoleRequest,
    caller: CallerDep,
    resources: ResourcesDep,
    context: RequestContextDep,
    session_cache: SessionCacheDep,
    graph_sync_trigger: GraphSyncTriggerDep,
) -> Response:
    """Give an account one of the built-in roles, with no right that the caller lacks. The last user who can assign
    roles stays one.
    """
    author = caller.user.user_id
    event = context.new_event(EventKind.ROLE_CHANGED, body.user_id, device=None)
    # The network is the caller's, and the user can read the event: it must not disclose it.
    event = replace(event, address_prefix=None, details={"by": author})
    user = await resources.users.roles.change(event, body.role, author=author)
    await asyncio.gather(session_cache.invalidate_user(user.user_id), graph_sync_trigger.trigger(user.user_id))
    return success_response(Profile.of(user), "Role updated successfully")
