"""A flow: a workflow that a client started, waits for and can look at by its secret id."""

import re
from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.errors import AttemptsExhausted, DecodeError, FlowClosed, FlowExpired, FlowNotFound


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

    @property
    def shown(self) -> "FlowKind":
        """What clients are told. Taking an address back is, for them, part of changing it."""
        return FlowKind.EMAIL_CHANGE if self is FlowKind.EMAIL_REVERT else self


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
        return self in (FlowState.WAITING, FlowState.RUNNING)


class NextStep(StrEnum):
    EMAIL_CODE = "email_code"
    DEVICE_CODE = "device_code"
    OTP = "otp"
    NEW_EMAIL = "new_email"
    NEW_EMAIL_CODE = "new_email_code"
    NEW_PASSWORD = "new_password"  # noqa: S105 - a step of a flow


KIND_LETTERS = {
    FlowKind.REGISTRATION: "r",
    FlowKind.SIGN_IN: "s",
    FlowKind.PASSWORD_RESET: "p",
    FlowKind.ACCOUNT_DELETION: "d",
    FlowKind.ACCOUNT_EXPORT: "x",
    FlowKind.USERNAME_CHANGE: "u",
    FlowKind.EMAIL_CHANGE: "e",
    FlowKind.EMAIL_REVERT: "v",
    FlowKind.FOLLOWER_SNAPSHOTS: "f",
}
"""First character of a flow id: the API knows the kind, and so the workflow id, without a look-up."""

OWNED = frozenset({FlowKind.USERNAME_CHANGE, FlowKind.EMAIL_CHANGE, FlowKind.ACCOUNT_DELETION, FlowKind.ACCOUNT_EXPORT})
"""Kinds that a signed-in person starts. Nobody else takes a step in them, whoever has the id."""
ADMINISTERED = frozenset({FlowKind.FOLLOWER_SNAPSHOTS})
"""Kinds that an admin starts. Any admin takes a step in them, and nobody else."""
SHOWN = tuple(dict.fromkeys(kind.shown for kind in FlowKind))
"""The kinds that clients know."""

_FLOW_ID = re.compile(r"[a-z][A-Za-z0-9_-]{32}")


@dataclass(frozen=True)
class FlowView:
    """What a flow shows of itself, to whoever holds its id."""

    flow_id: str
    kind: FlowKind
    state: FlowState
    next: NextStep | None = None
    expires_at: datetime | None = None
    attempts_left: int | None = None
    resend_available_at: datetime | None = None


def workflow_id(kind: FlowKind, key: str) -> str:
    """What operators see: `key` is a hash of the flow id, which is a bearer secret."""
    return f"{kind.replace('_', '-')}/{key}"


def parse_flow_kind(flow_id: str) -> FlowKind:
    """The kind of a well-formed flow id (kind letter + 192 bits base64url). Raises FlowNotFound."""
    if _FLOW_ID.fullmatch(flow_id):
        for kind, letter in KIND_LETTERS.items():
            if flow_id[0] == letter:
                return kind
    raise FlowNotFound


def is_owned(flow_id: str) -> bool:
    """Whether a flow of this id belongs to somebody. What is no flow id belongs to nobody."""
    return _is_among(OWNED, flow_id)


def is_administered(flow_id: str) -> bool:
    """Whether a flow of this id is for admins."""
    return _is_among(ADMINISTERED, flow_id)


def _is_among(kinds: Set[FlowKind], flow_id: str) -> bool:
    try:
        return parse_flow_kind(flow_id) in kinds
    except FlowNotFound:
        return False


def refusal_of(state: FlowState) -> type[DecodeError] | None:
    """Why a flow in this state takes no further step; None while it is open."""
    if state.is_open:
        return None
    return {FlowState.EXPIRED: FlowExpired, FlowState.LOCKED: AttemptsExhausted}.get(state, FlowClosed)
