"""A user's account as the rest of the house sees it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    USER = "user"
    MODERATOR = "moderator"
    ADMIN = "admin"


@dataclass(frozen=True)
class NewUser:
    """What a registration knows when the account is made. `user_id` is derived from its flow."""

    user_id: str
    username: str
    email_address: str
    password_hashed: str
    created_at: datetime


@dataclass(frozen=True)
class OpenChange:
    """A change that the account has under way. The id of its flow is sealed: it is a secret."""

    key_id: str
    sealed_flow_id: bytes


@dataclass(frozen=True)
class User:
    user_id: str
    username: str
    email_address: str
    display_name: str
    bio: str
    avatar_ipfs_hash: str | None
    role: Role
    is_active: bool
    session_epoch: int
    last_login: datetime | None
    created_at: datetime
    updated_at: datetime
    open_changes: tuple[OpenChange, ...] = ()


@dataclass(frozen=True)
class ProfileChange:
    """What a person changes of their own profile; None stays as it is."""

    display_name: str | None = None
    bio: str | None = None
    avatar_ipfs_hash: str | None = None


@dataclass(frozen=True)
class GraphUser:
    """The part of an account that the graph shows, as of one `profile_version`. No address."""

    user_id: str
    username: str
    display_name: str
    role: Role
    avatar_ipfs_hash: str | None
    is_active: bool
    profile_version: int
