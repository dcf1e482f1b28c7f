"""Changes of a name or an address: how they begin and end, and how long what they leave behind lasts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import DecodeError, FlowClosed
from domain.flow_progress import FlowProgress
from domain.flows import FlowKind, FlowState

USERNAME_COOLDOWN = timedelta(days=30)
USERNAME_QUARANTINE = timedelta(days=90)
"""How long nobody else gets a name that somebody has given up. Its owner may take it back after the cooldown."""

EMAIL_QUARANTINE = timedelta(days=7)
"""How long an address that somebody has given up is kept for their account."""
REVERT_WINDOW = timedelta(days=7)
REVERT_COOLDOWN = timedelta(days=7)
"""How long no address can be changed after one was taken back."""


class ChangeOutcome(StrEnum):
    """What came of the beginning or of the end of a change."""

    DONE = "done"
    TAKEN = "taken"
    TOO_SOON = "too_soon"
    BARRED = "barred"
    SUPERSEDED = "superseded"
    GONE = "gone"
    SIGNED_OUT = "signed_out"


@dataclass(frozen=True)
class NewChange:
    """A change as it begins. `owner` is its workflow id; a newer one of its kind takes its place."""

    kind: FlowKind
    owner: str
    user_id: str
    flow_id: str
    asked_at: datetime


@dataclass(frozen=True)
class ChangeStarted:
    """How a change began. `superseded`: workflow id of the one whose place it took."""

    outcome: ChangeOutcome
    superseded: str | None = None


def apply_outcome(
    flow: FlowProgress, outcome: ChangeOutcome, refusals: Mapping[ChangeOutcome, type[DecodeError]]
) -> type[DecodeError] | None:
    """What an outcome other than success makes of the flow, and what the caller hears."""
    if outcome is ChangeOutcome.DONE:
        return None
    flow.state = FlowState.CANCELLED if outcome is ChangeOutcome.SUPERSEDED else FlowState.FAILED
    return refusals.get(outcome, FlowClosed)


def is_username_change_too_soon(last_change: datetime | None, now: datetime) -> bool:
    """Whether the username was changed less than 30 days ago."""
    return last_change is not None and now < last_change + USERNAME_COOLDOWN


def is_email_change_barred(last_revert: datetime | None, now: datetime) -> bool:
    """Whether an address was taken back less than 7 days ago."""
    return last_revert is not None and now < last_revert + REVERT_COOLDOWN
