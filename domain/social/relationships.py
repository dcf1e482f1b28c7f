"""What the graph says of people: who they are in a list, and how they and the caller stand to each other."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.users.users import Role, User


@dataclass(frozen=True)
class PersonSummary:
    """A person as others meet them in a list."""

    user_id: str
    username: str
    role: Role
    display_name: str
    avatar_ipfs_hash: str | None


@dataclass(frozen=True)
class EdgeCounts:
    following: int
    followers: int


@dataclass(frozen=True)
class RelationCounts:
    """Two degrees, and four facts that are relative to the caller; those are zero and false for anybody unknown."""

    following_number: int = 0
    followers_number: int = 0
    is_following: bool = False
    is_follower: bool = False
    is_blocked: bool = False
    mutual_followers_number: int = 0


PersonRow = tuple[PersonSummary, RelationCounts]
"""Somebody in a list, as the caller sees them."""


@dataclass(frozen=True)
class Relation:
    """How the caller stands to somebody; all false for anybody unknown."""

    user_id: str
    is_following: bool
    is_follower: bool
    is_blocked: bool


@dataclass(frozen=True)
class ProfileRelations:
    """What the caller may know of one person. `mutual_followers`: the first three by username."""

    counts: RelationCounts = RelationCounts()
    blocks_caller: bool = False
    mutual_followers: Sequence[PersonSummary] = ()


def person_summary(user: User) -> PersonSummary:
    """As the account says it now."""
    return PersonSummary(user.user_id, user.username, user.role, user.display_name, user.avatar_ipfs_hash)
