"""How often a username may be changed, when an address may not be, and what an outcome makes of a flow."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.accounts.errors import UsernameTaken
from domain.accounts.identifier_changes import (
    ChangeOutcome,
    apply_outcome,
    is_email_change_barred,
    is_username_change_too_soon,
)
from domain.codes import CodeChallenge
from domain.errors import DecodeError, FlowClosed
from domain.flow_progress import FlowProgress
from domain.flows import FlowKind, FlowState, NextStep

CHANGED_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_first_change_is_never_too_soon() -> None:
    assert not is_username_change_too_soon(None, CHANGED_AT)


@pytest.mark.parametrize(("later", "verdict"), [(timedelta(days=30, seconds=-1), True), (timedelta(days=30), False)])
def test_next_change_is_too_soon_for_thirty_days(later: timedelta, verdict: bool) -> None:
    assert is_username_change_too_soon(CHANGED_AT, CHANGED_AT + later) is verdict


def test_address_that_was_never_taken_back_is_not_barred() -> None:
    assert not is_email_change_barred(None, CHANGED_AT)


@pytest.mark.parametrize(("later", "verdict"), [(timedelta(days=7, seconds=-1), True), (timedelta(days=7), False)])
def test_address_that_was_taken_back_is_barred_for_seven_days(later: timedelta, verdict: bool) -> None:
    assert is_email_change_barred(CHANGED_AT, CHANGED_AT + later) is verdict


@pytest.mark.parametrize(
    ("outcome", "state", "refusal"),
    [
        (ChangeOutcome.DONE, FlowState.WAITING, None),
        (ChangeOutcome.TAKEN, FlowState.FAILED, UsernameTaken),
        (ChangeOutcome.SUPERSEDED, FlowState.CANCELLED, FlowClosed),
        (ChangeOutcome.GONE, FlowState.FAILED, FlowClosed),
    ],
)
def test_outcome_ends_the_flow_unless_it_is_success(
    outcome: ChangeOutcome, state: FlowState, refusal: type[DecodeError] | None
) -> None:
    leg = CodeChallenge(datetime(2026, 1, 2, tzinfo=UTC), timedelta(minutes=10))
    flow = FlowProgress("u" + "A" * 32, FlowKind.USERNAME_CHANGE, leg, NextStep.EMAIL_CODE)

    heard = apply_outcome(flow, outcome, {ChangeOutcome.TAKEN: UsernameTaken})

    assert (flow.state, heard) == (state, refusal)
