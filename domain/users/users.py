"""A user's account as the other areas see it."""

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from domain.journal.occurrences import Occurrence, OccurrenceType, user_party
from domain.users.grants import Grant


# The role of an account: each includes the one before. No docstring: Pydantic shows it in docs/openapi.json.
class Role(StrEnum):
    GUEST = "guest"
    USER = "user"
    EDITOR = "editor"
    MODERATOR = "moderator"
    ADMIN = "admin"
    SUPER_ADMIN = "super_admin"


@dataclass(frozen=True)
class NewUser:
    """An account to create after a registration. `user_id` is derived from the flow."""

    user_id: str
    username: str
    email_address: str
    password_hashed: str
    created_at: datetime


@dataclass(frozen=True)
class OpenChange:
    """A change in progress of an account. Its flow id is a secret and stored encrypted, with the key `key_id`."""

    key_id: str
    sealed_flow_id: bytes


@dataclass(frozen=True)
class User:
    """A stored account, without its password. `session_epoch`: a session with another epoch is not valid."""

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
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True)
class ProfileChange:
    """A user's change of their own profile. None leaves a field unchanged."""

    display_name: str | None = None
    bio: str | None = None
    avatar_ipfs_hash: str | None = None


def profile_updated(occurrence_id: str, user_id: str, change: ProfileChange, at: datetime) -> Occurrence:
    """Return the occurrence of a change of one's own profile. It names the fields, and none of their texts."""
    changed = sorted(name for name, value in asdict(change).items() if value is not None)
    user = user_party(user_id)
    return Occurrence(occurrence_id, OccurrenceType.USER_UPDATED, at, user, user, {"fields": ",".join(changed)})


@dataclass(frozen=True)
class GraphUser:
    """The part of an account that is stored in the graph, at one `profile_version`. No e-mail address."""

    user_id: str
    username: str
    display_name: str
    role: Role
    avatar_ipfs_hash: str | None
    is_active: bool
    profile_version: int
