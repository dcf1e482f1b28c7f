"""Block somebody, and take it back."""

import asyncio

from fastapi import APIRouter, Response

from api.access.route_limits import caller_std
from api.deps import Caller, Notifications, Now
from api.http.errors import CALLER_ERRORS, problems
from api.http.responses import answer
from api.schemas.envelope import Answer
from api.schemas.fields import UserIdInPath
from api.social.deps import Resources
from api.social.schemas.follows import Blocking, Changed, TargetRequest
from domain.social.errors import CannotTargetSelf
from domain.social.follows import require_other
from domain.users.errors import UserNotFound

router = APIRouter(prefix="/relationship/block", tags=["relationships"])


@router.post(
    "/blocking",
    dependencies=[caller_std],
    response_model=Answer[Blocking],
    responses=problems(*CALLER_ERRORS, CannotTargetSelf, UserNotFound, has_body=True),
)
async def block(
    body: TargetRequest, caller: Caller, resources: Resources, notifications: Notifications, now: Now
) -> Response:
    """Block somebody: neither follows the other any more, and neither meets the other, nor in what they
    were told before. Both may block each other.
    """
    me, other = caller.user.user_id, body.user_id_to
    require_other(me, other)
    if not await resources.users.users.is_active(other):
        raise UserNotFound
    changed = await resources.social.blocks.block(me, other, now)
    # Repeated too: a process may have died between the two stores, and then nobody was answered.
    await asyncio.gather(notifications.hide(me, [other]), notifications.hide(other, [me]))
    return answer(Blocking(changed=changed), "User blocked successfully")


@router.delete(
    "/unblocking/{user_id_to}",
    dependencies=[caller_std],
    response_model=Answer[Changed],
    responses=problems(*CALLER_ERRORS, CannotTargetSelf),
)
async def unblock(user_id_to: UserIdInPath, caller: Caller, resources: Resources) -> Response:
    """Block somebody no longer. Nobody follows anybody by that."""
    me = caller.user.user_id
    require_other(me, user_id_to)
    changed = await resources.social.blocks.unblock(me, user_id_to)
    return answer(Changed(changed=changed), "User unblocked successfully")
