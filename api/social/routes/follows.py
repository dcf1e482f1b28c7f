"""Following and unfollowing of users, and removal of followers."""

from fastapi import APIRouter, Response

from api.access.permits import permit
from api.access.route_limits import caller_std
from api.deps import CallerDep, NowDep
from api.http.errors import CALLER_ERRORS, error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer
from api.schemas.fields import UserIdInPath
from api.social.deps import ResourcesDep
from api.social.edge_ends import find_both_ends
from api.social.schemas.follows import Changed, Following, TargetRequest
from domain.intents import IntentKind
from domain.social.errors import CannotTargetSelf, YouBlockThisUser
from domain.social.follows import require_follow_allowed, require_not_self
from domain.users.errors import UserNotFound
from domain.users.permissions import Permission

router = APIRouter(prefix="/relationship/follow", tags=["relationships"])

REMOVE_RESPONSES = error_responses(*CALLER_ERRORS, CannotTargetSelf)


@router.post(
    "/following",
    dependencies=[permit(Permission.RELATIONSHIPS_WRITE, by_key=True), caller_std],
    response_model=Answer[Following],
    responses=error_responses(*CALLER_ERRORS, CannotTargetSelf, UserNotFound, YouBlockThisUser, has_body=True),
)
async def follow(
    body: TargetRequest,
    caller: CallerDep,
    resources: ResourcesDep,
    now: NowDep,
) -> Response:
    """Follow a user. Following them again changes nothing. Who blocks the caller is not found."""
    me, other = await find_both_ends(resources, caller, body.user_id_to)
    is_new = require_follow_allowed(await resources.social.follows.follow(me, other, now))
    if is_new:
        resources.intent_waker.wake(IntentKind.FOLLOW_NOTIFICATIONS, other.user_id)
    return success_response(Following(changed=is_new), "User followed successfully")


@router.delete(
    "/unfollow/{user_id_to}",
    dependencies=[permit(Permission.RELATIONSHIPS_WRITE, by_key=True), caller_std],
    response_model=Answer[Changed],
    responses=REMOVE_RESPONSES,
)
async def unfollow(user_id_to: UserIdInPath, caller: CallerDep, resources: ResourcesDep) -> Response:
    """Follow a user no longer. For an unknown user, or one not followed, nothing changes."""
    me = caller.user.user_id
    require_not_self(me, user_id_to)
    changed = await resources.social.follows.unfollow(me, user_id_to)
    return success_response(Changed(changed=changed), "User unfollowed successfully")


@router.delete(
    "/remove-follower/{user_id_to}",
    dependencies=[permit(Permission.RELATIONSHIPS_WRITE, by_key=True), caller_std],
    response_model=Answer[Changed],
    responses=REMOVE_RESPONSES,
)
async def remove_follower(user_id_to: UserIdInPath, caller: CallerDep, resources: ResourcesDep) -> Response:
    """Have a user follow the caller no longer. They are not told, and may follow again."""
    me = caller.user.user_id
    require_not_self(me, user_id_to)
    changed = await resources.social.follows.unfollow(user_id_to, me)
    return success_response(Changed(changed=changed), "Follower removed successfully")
