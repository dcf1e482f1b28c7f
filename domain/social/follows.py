"""Rules of follows and blocks: not to oneself, and no follow across a block."""

from dataclasses import dataclass, replace

from domain.journal.occurrences import Occurrence, OccurrenceType, derived_id, user_party
from domain.paging import from_milliseconds
from domain.social.errors import CannotTargetSelf, YouBlockThisUser
from domain.users.errors import UserNotFound


@dataclass(frozen=True)
class FollowResult:
    """Result of a follow. With a block in either direction nothing was written.

    `blocks_caller`: the followee blocks the caller. `is_blocked`: the caller blocks the followee.
    """

    is_new: bool
    blocks_caller: bool
    is_blocked: bool


@dataclass(frozen=True)
class PendingFollow:
    """A follow of which the followee has not been notified. `created_at` in ms since 1970. `request_id`: of the request
    that made it. `key_id`: of the API key that it was made with.
    """

    follower_id: str
    created_at: int
    request_id: str | None = None
    key_id: str | None = None


def follow_created(follow: PendingFollow, followee_id: str) -> Occurrence:
    """Return the occurrence of a follow, the same whenever the intent of its edge is carried out."""
    kind = OccurrenceType.FOLLOW_CREATED
    occurrence_id = derived_id(kind, follow.follower_id, followee_id, str(follow.created_at))
    at = from_milliseconds(follow.created_at)
    follower = replace(user_party(follow.follower_id), key_id=follow.key_id)
    return Occurrence(occurrence_id, kind, at, follower, user_party(followee_id), request_id=follow.request_id)


def require_not_self(user_id: str, other_id: str) -> None:
    """Raise CannotTargetSelf when both ids are the same: relations are between two users."""
    if user_id == other_id:
        raise CannotTargetSelf


def require_follow_allowed(result: FollowResult) -> bool:
    """Return whether the follow is new. Raises UserNotFound when the followee blocks the caller, who must not learn of
    them, and YouBlockThisUser when the caller blocks the followee.
    """
    if result.blocks_caller:
        raise UserNotFound
    if result.is_blocked:
        raise YouBlockThisUser
    return result.is_new
