"""Users as the graph returns them: their summaries in lists, and their relations with the caller."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.users.users import Role, User

MAX_SEARCHED = 10_000
"""Maximum of edges that a search inside a list looks at, the newest."""


@dataclass(frozen=True)
class PersonSummary:
    """A user as shown in a list. `avatar_ipfs_hash` is an IPFS content id."""

    user_id: str
    username: str
    role: Role
    display_name: str
    avatar_ipfs_hash: str | None


@dataclass(frozen=True)
class EdgeCounts:
    """How many users a user follows, and how many follow them."""

    following: int
    followers: int


@dataclass(frozen=True)
class RelationCounts:
    """A user's follow counts, and four values relative to the caller, which are zero and False for an anonymous one.

    `is_following`, `is_blocked`: by the caller. `is_follower`: of the caller.
    """

    following_number: int = 0
    followers_number: int = 0
    is_following: bool = False
    is_follower: bool = False
    is_blocked: bool = False
    mutual_followers_number: int = 0


PersonRow = tuple[PersonSummary, RelationCounts]
"""A user in a list, as the caller sees them."""


@dataclass(frozen=True)
class Relation:
    """The caller's relation to a user; all False for an unknown user. `is_follower`: the user follows the caller."""

    user_id: str
    is_following: bool
    is_follower: bool
    is_blocked: bool


@dataclass(frozen=True)
class ProfileRelations:
    """One user's relations as the caller sees them. `mutual_followers`: the first three by username."""

    counts: RelationCounts = RelationCounts()
    blocks_caller: bool = False
    mutual_followers: Sequence[PersonSummary] = ()


def person_summary(user: User) -> PersonSummary:
    """Return the summary of an account."""
    return PersonSummary(user.user_id, user.username, user.role, user.display_name, user.avatar_ipfs_hash)
