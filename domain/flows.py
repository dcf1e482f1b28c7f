"""A flow: a workflow that a client started, waits for and can look at by its secret id."""

import re
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
    NEW_PASSWORD = "new_password"  # noqa: S105 - a step of a flow


KIND_LETTERS = {
    FlowKind.REGISTRATION: "r",
    FlowKind.SIGN_IN: "s",
    FlowKind.PASSWORD_RESET: "p",
    FlowKind.ACCOUNT_DELETION: "d",
    FlowKind.ACCOUNT_EXPORT: "x",
}
"""First character of a flow id: the API knows the kind, and so the workflow id, without a look-up."""

OPEN_TO_STRANGERS = frozenset({FlowKind.REGISTRATION, FlowKind.SIGN_IN, FlowKind.PASSWORD_RESET})
"""Begun by somebody who was not signed in: whoever has the flow id may end the flow."""

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


def parse_flow_kind(flow_id: str) -> FlowKind:
    """The kind of a well-formed flow id (kind letter + 192 bits base64url). Raises FlowNotFound."""
    if _FLOW_ID.fullmatch(flow_id):
        for kind, letter in KIND_LETTERS.items():
            if flow_id[0] == letter:
                return kind
    raise FlowNotFound


def refusal_of(state: FlowState) -> type[DecodeError] | None:
    """Why a flow in this state takes no further step; None while it is open."""
    if state.is_open:
        return None
    return {FlowState.EXPIRED: FlowExpired, FlowState.LOCKED: AttemptsExhausted}.get(state, FlowClosed)
