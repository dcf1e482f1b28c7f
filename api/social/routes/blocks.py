"""Blocking and unblocking of users."""

import asyncio

from fastapi import APIRouter, Response

from api.access.permits import permit
from api.access.route_limits import caller_std
from api.deps import CallerDep, NotificationStoreDep, NowDep
from api.http.errors import CALLER_ERRORS, error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer
from api.schemas.fields import UserIdInPath
from api.social.deps import ResourcesDep
from api.social.edge_ends import find_both_ends
from api.social.schemas.follows import Blocking, Changed, TargetRequest
from domain.social.errors import CannotTargetSelf
from domain.social.follows import require_not_self
from domain.users.errors import UserNotFound
from domain.users.permissions import Permission

router = APIRouter(prefix="/relationship/block", tags=["relationships"])


@router.post(
    "/blocking",
    dependencies=[permit(Permission.RELATIONSHIPS_WRITE, by_key=True), caller_std],
    response_model=Answer[Blocking],
    responses=error_responses(*CALLER_ERRORS, CannotTargetSelf, UserNotFound, has_body=True),
)
async def block(
    body: TargetRequest, caller: CallerDep, resources: ResourcesDep, notifications: NotificationStoreDep, now: NowDep
) -> Response:
    """Block a user: neither follows the other any more, and neither meets the other, nor in what they
    were told before. Both may block each other.
    """
    me, other = await find_both_ends(resources, caller, body.user_id_to)
    changed = await resources.social.blocks.block(me, other, now)
    # On a repeat too: the first request may have died between the two stores, before its response.
    await asyncio.gather(
        notifications.redact(me.user_id, [other.user_id]), notifications.redact(other.user_id, [me.user_id])
    )
    return success_response(Blocking(changed=changed), "User blocked successfully")


@router.delete(
    "/unblocking/{user_id_to}",
    dependencies=[permit(Permission.RELATIONSHIPS_WRITE, by_key=True), caller_std],
    response_model=Answer[Changed],
    responses=error_responses(*CALLER_ERRORS, CannotTargetSelf),
)
async def unblock(user_id_to: UserIdInPath, caller: CallerDep, resources: ResourcesDep) -> Response:
    """Block a user no longer. Follows that the block ended do not come back."""
    me = caller.user.user_id
    require_not_self(me, user_id_to)
    changed = await resources.social.blocks.unblock(me, user_id_to)
    return success_response(Changed(changed=changed), "User unblocked successfully")
