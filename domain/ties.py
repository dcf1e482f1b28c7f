"""What the graph says of people: who they are in a list, and how they and the caller stand to each other."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.users import Role


@dataclass(frozen=True)
class Face:
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
class Ties:
    """Two degrees, and four facts that are relative to the caller; those are zero and false for anybody unknown."""

    following_number: int = 0
    followers_number: int = 0
    is_following: bool = False
    is_follower: bool = False
    is_blocked: bool = False
    mutual_followers_number: int = 0


@dataclass(frozen=True)
class Regard:
    """What the caller may know of one person. `mutual_followers`: the first three by username."""

    ties: Ties = Ties()
    blocks_caller: bool = False
    mutual_followers: Sequence[Face] = ()
