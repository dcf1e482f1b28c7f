"""A flow: a workflow that a client starts, takes steps in, and reads by its secret id."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import AttemptsExhausted, DecodeError, FlowClosed, FlowExpired, FlowNotFound


# Kinds of flows. Comments, not docstrings, on the enums of this file: Pydantic shows docstrings in docs/openapi.json.
class FlowKind(StrEnum):
    REGISTRATION = "registration"
    SIGN_IN = "sign_in"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - a kind of flow
    ACCOUNT_DELETION = "account_deletion"
    ACCOUNT_EXPORT = "account_export"
    USERNAME_CHANGE = "username_change"
    EMAIL_CHANGE = "email_change"
    EMAIL_REVERT = "email_revert"
    FOLLOWER_SNAPSHOTS = "follower_snapshots"
    AUDIT_VERIFY = "audit_verify"
    AUDIT_EXPORT = "audit_export"


# WAITING: for a step of the client. RUNNING: work in progress. All other states are final.
class FlowState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    COMPLETED = "completed"
    EXPIRED = "expired"
    LOCKED = "locked"
    CANCELLED = "cancelled"
    FAILED = "failed"

    @property
    def is_open(self) -> bool:
        """Whether the flow can still change its state."""
        return self in (FlowState.WAITING, FlowState.RUNNING)


# What a waiting flow needs from its client next.
class NextStep(StrEnum):
    EMAIL_CODE = "email_code"
    DEVICE_CODE = "device_code"
    OTP = "otp"
    NEW_EMAIL = "new_email"
    NEW_EMAIL_CODE = "new_email_code"
    NEW_PASSWORD = "new_password"  # noqa: S105 - a step of a flow


class StartedBy(StrEnum):
    """Who may start flows of a kind and take steps in them."""

    CLIENT = "client"
    """Any client: the flow id alone authorizes the steps."""
    USER = "user"
    """A signed-in user; only the same user may take the steps."""
    ADMIN = "admin"
    """A user with the permission of such flows; any user with it may take the steps."""


@dataclass(frozen=True)
class FlowSpec:
    """Fixed properties of flows of one kind.

    `letter` is the first character of the flow id: it gives the API the kind, and so the workflow id, without a
    look-up. `shown_as` is the kind shown to clients, when it differs. A flow that is not cancellable has no update
    `cancel`.
    """

    letter: str
    started_by: StartedBy
    shown_as: FlowKind | None = None
    is_cancellable: bool = True


FLOWS: Mapping[FlowKind, FlowSpec] = {
    FlowKind.REGISTRATION: FlowSpec("r", StartedBy.CLIENT),
    FlowKind.SIGN_IN: FlowSpec("s", StartedBy.CLIENT),
    FlowKind.PASSWORD_RESET: FlowSpec("p", StartedBy.CLIENT),
    FlowKind.ACCOUNT_DELETION: FlowSpec("d", StartedBy.USER),
    FlowKind.ACCOUNT_EXPORT: FlowSpec("x", StartedBy.USER),
    FlowKind.USERNAME_CHANGE: FlowSpec("u", StartedBy.USER),
    FlowKind.EMAIL_CHANGE: FlowSpec("e", StartedBy.USER),
    FlowKind.EMAIL_REVERT: FlowSpec("v", StartedBy.CLIENT, shown_as=FlowKind.EMAIL_CHANGE, is_cancellable=False),
    FlowKind.FOLLOWER_SNAPSHOTS: FlowSpec("f", StartedBy.ADMIN),
    FlowKind.AUDIT_VERIFY: FlowSpec("a", StartedBy.ADMIN),
    FlowKind.AUDIT_EXPORT: FlowSpec("j", StartedBy.USER),
}
KINDS_BY_LETTER = {spec.letter: kind for kind, spec in FLOWS.items()}
PUBLIC_KINDS = tuple(kind for kind, spec in FLOWS.items() if spec.shown_as is None)
"""The kinds that clients see: those without `shown_as`."""

EXPORT_TTL = timedelta(hours=24)
CHUNK_BYTES = 8_000_000
"""Encrypted and with its metadata, a chunk of this size stays well below MongoDB's limit of 16 MB per document."""

_FLOW_ID = re.compile(r"[a-z][A-Za-z0-9_-]{32}")


@dataclass(frozen=True)
class FlowView:
    """A flow as shown to clients that hold its id."""

    flow_id: str
    kind: FlowKind
    state: FlowState
    next: NextStep | None = None
    expires_at: datetime | None = None
    attempts_left: int | None = None
    resend_available_at: datetime | None = None


@dataclass(frozen=True)
class Export:
    """A file that a flow gathers for a user. It can be downloaded until `ready_until`; None while it is not ready."""

    user_id: str
    ready_until: datetime | None


def build_workflow_id(kind: FlowKind, flow_key: str) -> str:
    """Return the workflow id, which operators see. `flow_key` is a hash of the flow id, which is a bearer secret."""
    return f"{kind.replace('_', '-')}/{flow_key}"


def parse_flow_kind(flow_id: str) -> FlowKind:
    """Return the kind of a well-formed flow id (kind letter + 192 bits base64url). Raises FlowNotFound otherwise."""
    kind = KINDS_BY_LETTER.get(flow_id[:1])
    if kind is None or not _FLOW_ID.fullmatch(flow_id):
        raise FlowNotFound
    return kind


def started_by(flow_id: str) -> StartedBy:
    """Return who may start flows of this id's kind; CLIENT for a malformed id, which belongs to no user."""
    try:
        return FLOWS[parse_flow_kind(flow_id)].started_by
    except FlowNotFound:
        return StartedBy.CLIENT


def refusal_for_cancel(state: FlowState) -> type[DecodeError] | None:
    """Return the error for cancelling a flow in this state; None while it is open and when it is cancelled already."""
    return None if state is FlowState.CANCELLED else refusal_for_state(state)


def refusal_for_state(state: FlowState) -> type[DecodeError] | None:
    """Return the error for a step of a flow in this state; None while it is open."""
    if state.is_open:
        return None
    return {FlowState.EXPIRED: FlowExpired, FlowState.LOCKED: AttemptsExhausted}.get(state, FlowClosed)
