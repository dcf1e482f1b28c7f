"""Follow somebody, unfollow them, take a follower away."""

from fastapi import APIRouter, Response

from api.access.route_limits import caller_std
from api.deps import Caller, Now, Wakes
from api.http.errors import CALLER_ERRORS, problems
from api.http.responses import answer
from api.schemas.envelope import Answer
from api.schemas.fields import UserIdInPath
from api.social.deps import Resources
from api.social.schemas.follows import Changed, Following, TargetRequest
from domain.social.errors import CannotTargetSelf, YouBlockThisUser
from domain.social.follows import judge_follow, require_other
from domain.users.errors import UserNotFound

router = APIRouter(prefix="/relationship/follow", tags=["relationships"])

TAKEN_BACK = problems(*CALLER_ERRORS, CannotTargetSelf)


@router.post(
    "/following",
    dependencies=[caller_std],
    response_model=Answer[Following],
    responses=problems(*CALLER_ERRORS, CannotTargetSelf, UserNotFound, YouBlockThisUser, has_body=True),
)
async def follow(body: TargetRequest, caller: Caller, resources: Resources, now: Now, wakes: Wakes) -> Response:
    """Follow somebody. Following them again changes nothing. Who blocks the caller is not found."""
    me, other = caller.user.user_id, body.user_id_to
    require_other(me, other)
    if not await resources.users.users.is_active(other):
        raise UserNotFound
    is_new = judge_follow(await resources.social.follows.follow(me, other, now))
    if is_new:
        wakes.followed(other)
    return answer(Following(changed=is_new), "User followed successfully")


@router.delete(
    "/unfollow/{user_id_to}", dependencies=[caller_std], response_model=Answer[Changed], responses=TAKEN_BACK
)
async def unfollow(user_id_to: UserIdInPath, caller: Caller, resources: Resources) -> Response:
    """Follow somebody no longer. Whoever they are, afterwards the caller does not follow them."""
    me = caller.user.user_id
    require_other(me, user_id_to)
    changed = await resources.social.follows.unfollow(me, user_id_to)
    return answer(Changed(changed=changed), "User unfollowed successfully")


@router.delete(
    "/remove-follower/{user_id_to}", dependencies=[caller_std], response_model=Answer[Changed], responses=TAKEN_BACK
)
async def remove_follower(user_id_to: UserIdInPath, caller: Caller, resources: Resources) -> Response:
    """Have somebody follow the caller no longer. They are not told, and may follow again."""
    me = caller.user.user_id
    require_other(me, user_id_to)
    changed = await resources.social.follows.unfollow(user_id_to, me)
    return answer(Changed(changed=changed), "Follower removed successfully")
