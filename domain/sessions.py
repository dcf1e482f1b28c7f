"""Sessions: how long they live and what a presented token is worth.

A session token names a generation. The store holds only the current one; each refresh moves on by one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import (
    DecodeError,
    NotAuthenticated,
    SessionExpired,
    SessionReused,
    SessionRevoked,
)
from domain.users import Role, User

ABSOLUTE_LIFE = timedelta(days=30)
IDLE_LIFE = timedelta(days=14)
FIRST_GENERATION = 1
GRACE = timedelta(seconds=30)
"""How long the token before the last one still gives the same successor, once that was used."""


class AuthStrength(StrEnum):
    """How a session was proved; the access token's `amr` (RFC 8176 has `pwd` and `otp`)."""

    PASSWORD = "pwd"  # noqa: S105 - an amr value
    OTP = "otp"


@dataclass(frozen=True)
class Session:
    """`username` and `role` are what its access tokens say, so that a refresh reads nothing else."""

    session_id: str
    user_id: str
    username: str
    role: Role
    device_id: str
    app: str
    generation: int
    auth_strength: tuple[AuthStrength, ...]
    epoch: int
    is_active: bool
    confirmed_at: datetime | None
    expires_at: datetime
    last_used_at: datetime
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class PresentedToken:
    """What a session token says of itself, once its mac is right."""

    session_id: str
    generation: int


def new_session(
    *,
    session_id: str,
    user_id: str,
    username: str,
    role: Role,
    device_id: str,
    app: str,
    auth_strength: tuple[AuthStrength, ...],
    epoch: int,
    now: datetime,
) -> Session:
    """A session as it begins: first generation, not yet seen in use."""
    return Session(
        session_id=session_id,
        user_id=user_id,
        username=username,
        role=role,
        device_id=device_id,
        app=app,
        generation=FIRST_GENERATION,
        auth_strength=auth_strength,
        epoch=epoch,
        is_active=True,
        confirmed_at=None,
        expires_at=now + ABSOLUTE_LIFE,
        last_used_at=now,
        created_at=now,
        updated_at=now,
    )


def judge_session(session: Session, now: datetime) -> type[DecodeError] | None:
    """Why this session opens nothing any more; None while it is good.

    Whoever raises an account's `session_epoch` or deactivates it ends its sessions in the same transaction.
    """
    if not session.is_active:
        return SessionRevoked
    if now >= session.expires_at or now >= session.last_used_at + IDLE_LIFE:
        return SessionExpired
    return None


def judge_generation(session: Session, presented: int, now: datetime) -> type[DecodeError] | None:
    """What an older or newer session token than the current one is worth.

    None: the token before the current one, within its grace, is owed the same successor again (its owner
    may have lost the answer). A generation ahead of the store means a restored backup, not a theft.
    """
    if presented > session.generation:
        return SessionExpired
    if presented < session.generation - 1:
        return SessionReused
    if session.confirmed_at is not None and now > session.confirmed_at + GRACE:
        return SessionReused
    return None


def judge_access(session: Session | None, user: User | None, now: datetime) -> type[DecodeError] | None:
    """Why an access token with a right signature is refused all the same; None when it is good."""
    if session is None or user is None:
        return NotAuthenticated
    if session.epoch != user.session_epoch or not user.is_active:
        return SessionRevoked
    return judge_session(session, now)
