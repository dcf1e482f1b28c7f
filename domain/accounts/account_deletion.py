"""Leaving: thirty days in which everything can be undone, two reminders, then erasure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.flows import FlowKind, FlowState, FlowView

GRACE_PERIOD = timedelta(days=30)
REMIND_BEFORE = (timedelta(days=7), timedelta(days=1))
"""So long before the end, the earlier first."""


class DeletionStatus(StrEnum):
    """Where a deletion stands: it waits, its account is back, or its account is gone."""

    LEAVING = "leaving"
    BACK = "back"
    ERASED = "erased"


@dataclass(frozen=True)
class Deletion:
    """One deactivation of an account, named by `key`. What is known of the person only while they are leaving.

    `is_done`: nothing is left to do, neither here nor in any other store.
    """

    user_id: str
    key: str
    standing: DeletionStatus
    deletion_at: datetime | None = None
    username: str = ""
    email_address: str = ""
    is_done: bool = False


def next_due(deletion: Deletion, now: datetime) -> datetime | None:
    """The next moment at which something happens, a reminder or the end; None once the end has come.

    What is past is past: a reminder that nobody could send in time is left out.
    """
    end = deletion.deletion_at
    if end is None or end <= now:
        return None
    return min(moment for moment in (*(end - before for before in REMIND_BEFORE), end) if moment > now)


def deletion_view(flow_id: str, deletion: Deletion) -> FlowView:
    """What a deletion shows of itself to who holds its flow id: it waits until `expires_at`."""
    erased = FlowState.COMPLETED if deletion.is_done else FlowState.RUNNING
    states = {
        DeletionStatus.LEAVING: FlowState.WAITING,
        DeletionStatus.BACK: FlowState.CANCELLED,
        DeletionStatus.ERASED: erased,
    }
    state = states[deletion.standing]
    return FlowView(flow_id, FlowKind.ACCOUNT_DELETION, state, expires_at=deletion.deletion_at)
