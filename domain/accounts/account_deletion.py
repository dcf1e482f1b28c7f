"""Account deletion: a grace period of 30 days in which it can be undone, two reminders, then erasure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.flows import FlowKind, FlowState, FlowView

GRACE_PERIOD = timedelta(days=30)
REMIND_BEFORE = (timedelta(days=7), timedelta(days=1))
"""When reminders are sent, as the time before the end; the earlier first."""


class DeletionStatus(StrEnum):
    """State of a deletion: in its grace period, undone by reactivation, or carried out."""

    LEAVING = "leaving"
    BACK = "back"
    ERASED = "erased"


@dataclass(frozen=True)
class Deletion:
    """One deactivation of an account, identified by `key`. `deletion_at`, `username` and `email_address` are set only
    while it is LEAVING. `is_done`: no work is left in any store.
    """

    user_id: str
    key: str
    standing: DeletionStatus
    deletion_at: datetime | None = None
    username: str = ""
    email_address: str = ""
    is_done: bool = False


def next_due(deletion: Deletion, now: datetime) -> datetime | None:
    """Return the time of the next reminder or of the end; None once the end is reached or without an end.

    A reminder that was not sent in time is skipped.
    """
    end = deletion.deletion_at
    if end is None or end <= now:
        return None
    return min(moment for moment in (*(end - before for before in REMIND_BEFORE), end) if moment > now)


def deletion_view(flow_id: str, deletion: Deletion) -> FlowView:
    """Return the deletion as its client sees it; while it waits, `expires_at` is the end of the grace period."""
    erased = FlowState.COMPLETED if deletion.is_done else FlowState.RUNNING
    states = {
        DeletionStatus.LEAVING: FlowState.WAITING,
        DeletionStatus.BACK: FlowState.CANCELLED,
        DeletionStatus.ERASED: erased,
    }
    state = states[deletion.standing]
    return FlowView(flow_id, FlowKind.ACCOUNT_DELETION, state, expires_at=deletion.deletion_at)
