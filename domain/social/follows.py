"""Following and blocking: whom it can be done to, and what a block forbids."""

from dataclasses import dataclass

from domain.social.errors import CannotTargetSelf, YouBlockThisUser
from domain.users.errors import UserNotFound


@dataclass(frozen=True)
class FollowResult:
    """What became of the wish to follow. Where one of the two blocks the other nothing was written."""

    is_new: bool
    blocks_caller: bool
    is_blocked: bool


@dataclass(frozen=True)
class PendingFollow:
    """A follow of which the followed person has still to be told. `created_at` in milliseconds."""

    follower_id: str
    created_at: int


def require_not_self(user_id: str, other_id: str) -> None:
    """Nobody stands to themselves as to others. Raises CannotTargetSelf."""
    if user_id == other_id:
        raise CannotTargetSelf


def require_follow_allowed(result: FollowResult) -> bool:
    """Whether the follow is new. Raises UserNotFound when they block the caller, for then the caller does not see
    them at all, and YouBlockThisUser.
    """
    if result.blocks_caller:
        raise UserNotFound
    if result.is_blocked:
        raise YouBlockThisUser
    return result.is_new
