"""Who may do what: an admin gives a role."""

import asyncio
from dataclasses import replace

from fastapi import APIRouter, Response

from api.access.route_limits import caller_std
from api.deps import Admin, GraphSyncs, Known, Occasion, Wakes
from api.http.errors import CALLER_ERRORS, problems
from api.http.responses import answer
from api.schemas.envelope import Answer
from api.users.deps import Resources
from api.users.schemas.roles import RoleRequest
from api.users.schemas.users import Profile
from domain.errors import Forbidden
from domain.users.errors import LastAdmin, UserNotFound
from domain.users.security_events import EventKind

router = APIRouter(prefix="/users/profile/role", tags=["users"])


@router.put(
    "",
    dependencies=[caller_std],
    response_model=Answer[Profile],
    responses=problems(*CALLER_ERRORS, Forbidden, UserNotFound, LastAdmin, has_body=True),
)
async def give_role(
    body: RoleRequest,
    admin: Admin,
    resources: Resources,
    occasion: Occasion,
    known: Known,
    syncs: GraphSyncs,
    wakes: Wakes,
) -> Response:
    """Make somebody a user, a moderator or an admin. The last admin stays one."""
    event = occasion.event(EventKind.ROLE_CHANGED, body.user_id, device=None)
    # The network is the admin's: it is none of the business of whoever reads this among their own events.
    event = replace(event, address_prefix=None, details={"by": admin.user.user_id})
    user = await resources.users.roles.change(event, body.role)
    await asyncio.gather(known.account_changed(user.user_id), syncs.kick(user.user_id))
    wakes.wake(user.user_id)
    return answer(Profile.of(user), "Role updated successfully")
