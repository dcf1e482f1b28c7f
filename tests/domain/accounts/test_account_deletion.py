"""When something happens to an account that leaves, and what its deletion shows of itself."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.accounts.account_deletion import Deletion, DeletionStatus, deletion_view, next_due
from domain.flows import FlowState

END = datetime(2030, 1, 31, 12, tzinfo=UTC)
LEAVING = Deletion("5f" * 12, "key", DeletionStatus.LEAVING, deletion_at=END)
A_DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("days_left", "due_days_before"),
    [(30, 7), (7.1, 7), (7, 1), (3, 1), (1, 0), (0.5, 0)],
)
def test_next_moment_is_the_first_that_is_still_to_come(days_left: float, due_days_before: int) -> None:
    assert next_due(LEAVING, END - days_left * A_DAY) == END - due_days_before * A_DAY


@pytest.mark.parametrize("late", [timedelta(0), A_DAY])
def test_nothing_is_due_once_the_end_has_come(late: timedelta) -> None:
    assert next_due(LEAVING, END + late) is None


@pytest.mark.parametrize(
    ("standing", "is_done", "state"),
    [
        (DeletionStatus.LEAVING, False, FlowState.WAITING),
        (DeletionStatus.BACK, False, FlowState.CANCELLED),
        (DeletionStatus.ERASED, False, FlowState.RUNNING),
        (DeletionStatus.ERASED, True, FlowState.COMPLETED),
    ],
)
def test_flow_shows_where_the_account_stands(standing: DeletionStatus, is_done: bool, state: FlowState) -> None:
    assert deletion_view("d" * 33, Deletion("5f" * 12, "key", standing, is_done=is_done)).state is state


def test_flow_waits_until_the_end() -> None:
    assert deletion_view("d" * 33, LEAVING).expires_at == END
