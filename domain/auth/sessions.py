"""Sessions: how long they live and what a presented token is worth.

A session token names a generation. The store holds only the current one; each refresh moves on by one.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.auth.devices import DeviceInfo
from domain.auth.errors import SessionExpired, SessionReused, SessionRevoked, StepUpRequired
from domain.auth.two_factor import SecondFactorProof
from domain.errors import DecodeError, NotAuthenticated
from domain.users.security_events import SecurityEvent
from domain.users.users import Role, User

SESSION_TTL = timedelta(days=30)
IDLE_TTL = timedelta(days=14)
STEP_UP_TTL = timedelta(minutes=10)
MAX_SESSIONS_PER_USER = 20
"""The twenty-first session ends the oldest."""
FIRST_GENERATION = 1
REFRESH_GRACE = timedelta(seconds=30)
"""How long the token before the last one still gives the same successor, once that was used."""


class AuthStrength(StrEnum):
    """How a session was proved; the access token's `amr` (RFC 8176 has `pwd`, `otp` and `swk`, a key in software)."""

    PASSWORD = "pwd"  # noqa: S105 - an amr value
    OTP = "otp"
    WALLET = "swk"

    @property
    def counts_as_step_up(self) -> bool:
        """Whether a sign-in that began with it counts as a fresh proof before a sensitive change."""
        return self is not AuthStrength.WALLET


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
    stepped_up_at: datetime | None = None
    stepped_up_by: AuthStrength | None = None


@dataclass(frozen=True)
class NewSession:
    """All that opening a session writes. `trusts_device`: the person has proved the device on the way."""

    session: Session
    device: DeviceInfo
    event: SecurityEvent
    trusts_device: bool


@dataclass(frozen=True)
class StepUpProofs:
    """What came along to prove again who somebody is; all of it may be missing."""

    password: str | None
    second_factor: SecondFactorProof


@dataclass(frozen=True)
class ParsedSessionToken:
    """What a session token says of itself, once its mac is right."""

    session_id: str
    generation: int


def new_session(
    event: SecurityEvent,
    device: DeviceInfo,
    *,
    session_id: str,
    username: str,
    role: Role,
    device_id: str,
    app: str,
    auth_strength: tuple[AuthStrength, ...],
    epoch: int,
    trusts_device: bool,
    is_stepped_up: bool = True,
) -> NewSession:
    """The session that the event tells of, as it begins: for its person, at its time, not yet seen in use.

    `is_stepped_up`: the person has just proved the strongest of `auth_strength` (not so by an SSO token or a wallet).
    """
    now = event.at
    session = Session(
        session_id=session_id,
        user_id=event.user_id,
        username=username,
        role=role,
        device_id=device_id,
        app=app,
        generation=FIRST_GENERATION,
        auth_strength=auth_strength,
        epoch=epoch,
        is_active=True,
        confirmed_at=None,
        expires_at=now + SESSION_TTL,
        last_used_at=now,
        created_at=now,
        updated_at=now,
        stepped_up_at=now if is_stepped_up else None,
        stepped_up_by=strongest_proof(auth_strength) if is_stepped_up else None,
    )
    return NewSession(session, device, replace(event, details={**event.details, "app": app}), trusts_device)


def strongest_proof(strengths: tuple[AuthStrength, ...]) -> AuthStrength:
    return AuthStrength.OTP if AuthStrength.OTP in strengths else AuthStrength.PASSWORD


def refusal_for_step_up(session: Session, now: datetime, *, has_second_factor: bool) -> type[DecodeError] | None:
    """Whether the session has proved its person lately enough; with a second factor, by that."""
    is_recent = session.stepped_up_at is not None and now <= session.stepped_up_at + STEP_UP_TTL
    is_enough = session.stepped_up_by is AuthStrength.OTP or not has_second_factor
    return None if is_recent and is_enough else StepUpRequired


def refusal_for_session(session: Session, now: datetime) -> type[DecodeError] | None:
    """Why this session opens nothing any more; None while it is good.

    Whoever raises an account's `session_epoch` or deactivates it ends its sessions in the same transaction.
    """
    if not session.is_active:
        return SessionRevoked
    if now >= session.expires_at or now >= session.last_used_at + IDLE_TTL:
        return SessionExpired
    return None


def refusal_for_generation(session: Session, presented: int, now: datetime) -> type[DecodeError] | None:
    """What an older or newer session token than the current one is worth.

    None: the token before the current one, within its grace, is owed the same successor again (its owner
    may have lost the answer). A generation ahead of the store means a restored backup, not a theft.
    """
    if presented > session.generation:
        return SessionExpired
    if presented < session.generation - 1:
        return SessionReused
    if session.confirmed_at is not None and now > session.confirmed_at + REFRESH_GRACE:
        return SessionReused
    return None


def refusal_for_access(session: Session | None, user: User | None, now: datetime) -> type[DecodeError] | None:
    """Why an access token with a right signature is refused all the same; None when it is good."""
    if session is None or user is None:
        return NotAuthenticated
    if session.epoch != user.session_epoch or not user.is_active:
        return SessionRevoked
    return refusal_for_session(session, now)
