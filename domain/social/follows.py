"""Following and blocking: whom it can be done to, and what a block forbids."""

from dataclasses import dataclass

from domain.social.errors import CannotTargetSelf, YouBlockThisUser
from domain.users.errors import UserNotFound


@dataclass(frozen=True)
class Follow:
    """What became of the wish to follow. Where one of the two blocks the other nothing was written."""

    is_new: bool
    blocks_caller: bool
    is_blocked: bool


@dataclass(frozen=True)
class OwedFollow:
    """A follow of which the followed person has still to be told. `created_at` in milliseconds."""

    follower_id: str
    created_at: int


def require_other(me: str, other: str) -> None:
    """Nobody stands to themselves as to others. Raises CannotTargetSelf."""
    if me == other:
        raise CannotTargetSelf


def judge_follow(follow: Follow) -> bool:
    """Whether the follow is new. Raises UserNotFound when they block the caller, for then the caller does not see
    them at all, and YouBlockThisUser.
    """
    if follow.blocks_caller:
        raise UserNotFound
    if follow.is_blocked:
        raise YouBlockThisUser
    return follow.is_new
