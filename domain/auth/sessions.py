"""Sessions: their lifetimes, and whether a presented token is valid.

A session token names a generation. The store holds only the current one; each refresh increments it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.auth.devices import DeviceInfo
from domain.auth.errors import SecondFactorRequired, SessionExpired, SessionReused, SessionRevoked, StepUpRequired
from domain.auth.two_factor import SecondFactorProof
from domain.errors import DecodeError, NotAuthenticated
from domain.journal.occurrences import Occurrence, OccurrenceType, derived_id, user_party
from domain.users.security_events import SecurityEvent
from domain.users.users import Role, User

SESSION_TTL = timedelta(days=30)
IDLE_TTL = timedelta(days=14)
STEP_UP_TTL = timedelta(minutes=10)
MAX_SESSIONS_PER_USER = 20
"""Opening a session beyond this ends the oldest."""
FIRST_GENERATION = 1
REFRESH_GRACE = timedelta(seconds=30)
"""How long the previous token still returns the same successor after the successor was first used."""


class AuthStrength(StrEnum):
    """An authentication method of a session; the `amr` of its access tokens (RFC 8176: `pwd`, `otp`, and `swk`, proof
    of possession of a software-secured key).
    """

    PASSWORD = "pwd"  # noqa: S105 - an amr value
    OTP = "otp"
    WALLET = "swk"

    @property
    def counts_as_step_up(self) -> bool:
        """Whether a sign-in that began with this method counts as step-up authentication."""
        return self is not AuthStrength.WALLET


@dataclass(frozen=True)
class Session:
    """A stored session. `username` and `role` are copies for its access tokens, so that a refresh reads nothing else.

    `confirmed_at`: when the current generation was first used. `epoch`: the account's `session_epoch` when it began.
    """

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
    """All data written when a session is opened. `trusts_device`: the user has verified the device in this sign-in.
    `wallet_address`: the wallet that was the first proof, None for another proof.
    """

    session: Session
    device: DeviceInfo
    event: SecurityEvent
    trusts_device: bool
    wallet_address: str | None = None


class OpeningOutcome(StrEnum):
    """Result of opening a session for the account as it is at that moment.

    GONE: the account is not active or not of the session's epoch any more, or the device is not trusted.
    """

    OPENED = "opened"
    GONE = "gone"
    WALLET_UNLINKED = "wallet_unlinked"
    SECOND_FACTOR_MISSING = "second_factor_missing"


@dataclass(frozen=True)
class SessionOpening:
    """`session`: as it was opened, with the account's username and role; None for any outcome but OPENED."""

    outcome: OpeningOutcome
    session: Session | None = None


@dataclass(frozen=True)
class StepUpProofs:
    """Proofs sent with a request for step-up authentication; all of them may be missing."""

    password: str | None
    second_factor: SecondFactorProof


@dataclass(frozen=True)
class ParsedSessionToken:
    """Content of a session token whose MAC is valid."""

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
    wallet_address: str | None = None,
) -> NewSession:
    """Return the new session for a sign-in event, with the event's user and time, in its first generation.

    `is_stepped_up`: the user has just proved the strongest of `auth_strength` (False for an SSO token or a wallet).
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
    opened = replace(event, details={**event.details, "app": app})
    return NewSession(session, device, opened, trusts_device, wallet_address)


def logged_out(session_id: str, user_id: str, at: datetime) -> Occurrence:
    """Return the occurrence of the end of a session by its user, which has no security event."""
    kind, user = OccurrenceType.USER_LOGOUT, user_party(user_id)
    return Occurrence(derived_id(kind, session_id), kind, at, user, user)


def strongest_proof(strengths: tuple[AuthStrength, ...]) -> AuthStrength:
    """Return OTP if it is among the methods, else PASSWORD."""
    return AuthStrength.OTP if AuthStrength.OTP in strengths else AuthStrength.PASSWORD


def refusal_for_step_up(session: Session, now: datetime, *, has_second_factor: bool) -> type[DecodeError] | None:
    """Return StepUpRequired unless the session was stepped up within STEP_UP_TTL; by OTP, if the account has one."""
    is_recent = session.stepped_up_at is not None and now <= session.stepped_up_at + STEP_UP_TTL
    is_enough = session.stepped_up_by is AuthStrength.OTP or not has_second_factor
    return None if is_recent and is_enough else StepUpRequired


def refusal_for_proofs(proofs: StepUpProofs, *, has_second_factor: bool) -> type[DecodeError] | None:
    """Return the error for proofs that do not suffice even if they are right; None for those that do."""
    if has_second_factor and proofs.second_factor.is_given:
        return None
    if proofs.password is None:
        return StepUpRequired
    return SecondFactorRequired if has_second_factor else None


def refusal_for_session(session: Session, now: datetime) -> type[DecodeError] | None:
    """Return the error for a session that is no longer valid; None for a valid one.

    The account is not checked: the transaction that raises its `session_epoch` or deactivates it ends its sessions.
    """
    if not session.is_active:
        return SessionRevoked
    if now >= session.expires_at or now >= session.last_used_at + IDLE_TTL:
        return SessionExpired
    return None


def refusal_for_generation(session: Session, presented: int, now: datetime) -> type[DecodeError] | None:
    """Return the error for a session token that is not of the current generation.

    None for the previous generation within REFRESH_GRACE: it gets the same successor again, because the client may
    have lost the response. A generation ahead of the store means a restored backup, not a theft: SessionExpired.
    """
    if presented > session.generation:
        return SessionExpired
    if presented < session.generation - 1:
        return SessionReused
    if session.confirmed_at is not None and now > session.confirmed_at + REFRESH_GRACE:
        return SessionReused
    return None


def refusal_for_access(session: Session | None, user: User | None, now: datetime) -> type[DecodeError] | None:
    """Return the error for an access token with a valid signature; None when its session and account are valid."""
    if session is None or user is None:
        return NotAuthenticated
    if session.epoch != user.session_epoch or not user.is_active:
        return SessionRevoked
    return refusal_for_session(session, now)
