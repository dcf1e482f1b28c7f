"""A flow: a workflow that a client started, waits for and can look at by its secret id."""

import re
from collections.abc import Mapping
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


class StartedBy(StrEnum):
    """Who starts flows of a kind, and who may take a step in them besides."""

    CLIENT = "client"
    """Anyone: the flow id alone entitles to its steps."""
    USER = "user"
    """A signed-in user, and only they take its steps."""
    ADMIN = "admin"
    """An admin, and any admin takes its steps."""


@dataclass(frozen=True)
class FlowSpec:
    """All that is fixed for flows of a kind.

    `letter` is the first character of a flow id: the API knows the kind, and so the workflow id, without a look-up.
    `shown_as` is the kind that clients see, where it is another one. A flow that is not cancellable has no update
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
}
KINDS_BY_LETTER = {spec.letter: kind for kind, spec in FLOWS.items()}
PUBLIC_KINDS = tuple(kind for kind, spec in FLOWS.items() if spec.shown_as is None)
"""The kinds that clients see."""

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


def build_workflow_id(kind: FlowKind, flow_key: str) -> str:
    """What operators see: `flow_key` is a hash of the flow id, which is a bearer secret."""
    return f"{kind.replace('_', '-')}/{flow_key}"


def parse_flow_kind(flow_id: str) -> FlowKind:
    """The kind of a well-formed flow id (kind letter + 192 bits base64url). Raises FlowNotFound."""
    kind = KINDS_BY_LETTER.get(flow_id[:1])
    if kind is None or not _FLOW_ID.fullmatch(flow_id):
        raise FlowNotFound
    return kind


def started_by(flow_id: str) -> StartedBy:
    """Who starts flows of this id's kind. What is no flow id belongs to no user: CLIENT."""
    try:
        return FLOWS[parse_flow_kind(flow_id)].started_by
    except FlowNotFound:
        return StartedBy.CLIENT


def refusal_for_state(state: FlowState) -> type[DecodeError] | None:
    """Why a flow in this state takes no further step; None while it is open."""
    if state.is_open:
        return None
    return {FlowState.EXPIRED: FlowExpired, FlowState.LOCKED: AttemptsExhausted}.get(state, FlowClosed)
