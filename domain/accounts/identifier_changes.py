"""Changes of a username or e-mail address: their start and outcome, cooldowns and quarantines."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import DecodeError, FlowClosed
from domain.flow_progress import FlowProgress
from domain.flows import FlowKind, FlowState

USERNAME_COOLDOWN = timedelta(days=30)
USERNAME_QUARANTINE = timedelta(days=90)
"""How long a former username is reserved. Its former owner may take it back after the cooldown."""

EMAIL_QUARANTINE = timedelta(days=7)
"""How long a former address stays reserved for its account."""
REVERT_WINDOW = timedelta(days=7)
REVERT_COOLDOWN = timedelta(days=7)
"""How long the address cannot be changed after a change was reverted."""


class ChangeOutcome(StrEnum):
    """Result of starting or of finishing a change."""

    DONE = "done"
    TAKEN = "taken"
    TOO_SOON = "too_soon"
    BARRED = "barred"
    SUPERSEDED = "superseded"
    GONE = "gone"
    SIGNED_OUT = "signed_out"


@dataclass(frozen=True)
class NewChange:
    """A change to start. `owner` is its workflow id. A newer change of the same kind supersedes it.

    `epoch`: the session epoch of the caller; None in a change older than the field. Once the account has another, all
    sessions have been ended, and with them the change.
    """

    kind: FlowKind
    owner: str
    user_id: str
    flow_id: str
    asked_at: datetime
    epoch: int | None = None


@dataclass(frozen=True)
class ChangeStarted:
    """Result of starting a change. `superseded`: workflow id of the change it replaced."""

    outcome: ChangeOutcome
    superseded: str | None = None


def apply_outcome(
    flow: FlowProgress, outcome: ChangeOutcome, refusals: Mapping[ChangeOutcome, type[DecodeError]]
) -> type[DecodeError] | None:
    """Set the flow's state for an outcome other than DONE, and return the error for the caller; None for DONE."""
    if outcome is ChangeOutcome.DONE:
        return None
    flow.state = FlowState.CANCELLED if outcome is ChangeOutcome.SUPERSEDED else FlowState.FAILED
    return refusals.get(outcome, FlowClosed)


def is_username_change_too_soon(last_change: datetime | None, now: datetime) -> bool:
    """Whether the username was changed less than 30 days ago."""
    return last_change is not None and now < last_change + USERNAME_COOLDOWN


def is_email_change_barred(last_revert: datetime | None, now: datetime) -> bool:
    """Whether a change of address was reverted less than 7 days ago."""
    return last_revert is not None and now < last_revert + REVERT_COOLDOWN
