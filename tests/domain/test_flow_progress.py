"""The progress of a flow: which step comes next, code challenges, the last attempt, the end."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.codes import MAX_ATTEMPTS, CodeChallenge
from domain.errors import AttemptsExhausted, FlowClosed, FlowExpired, WrongCode, WrongStep
from domain.flow_progress import FlowProgress
from domain.flows import FlowKind, FlowState, NextStep

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LIFE = timedelta(minutes=10)


@pytest.fixture
def flow() -> FlowProgress:
    return FlowProgress("s" + "A" * 32, FlowKind.SIGN_IN, CodeChallenge(NOW, LIFE), NextStep.DEVICE_CODE)


def test_step_out_of_turn_is_refused_by_name(flow: FlowProgress) -> None:
    assert flow.refusal_for_step(NextStep.DEVICE_CODE) is None
    assert flow.refusal_for_step(NextStep.OTP) is WrongStep


@pytest.mark.parametrize(
    ("state", "refusal"),
    [
        (FlowState.COMPLETED, FlowClosed),
        (FlowState.CANCELLED, FlowClosed),
        (FlowState.FAILED, FlowClosed),
        (FlowState.EXPIRED, FlowExpired),
        (FlowState.LOCKED, AttemptsExhausted),
    ],
)
def test_ended_flow_says_how_it_ended(flow: FlowProgress, state: FlowState, refusal: type[Exception]) -> None:
    flow.state = state

    assert flow.refusal_for_step(NextStep.OTP) is refusal


def test_last_wrong_try_locks(flow: FlowProgress) -> None:
    states = []
    for _ in range(MAX_ATTEMPTS):
        flow.challenge.count_attempt(NOW)
        assert flow.lock_if_exhausted() is WrongCode
        states.append(flow.state)

    assert states == [FlowState.WAITING] * 4 + [FlowState.LOCKED]


def test_next_leg_has_a_life_and_tries_of_its_own(flow: FlowProgress) -> None:
    first, later = flow.challenge, NOW + timedelta(minutes=9)
    first.count_attempt(NOW)

    flow.start_step(NextStep.OTP, later)

    assert first.is_proved
    assert (flow.challenge.expires_at, flow.challenge.attempts_left) == (later + LIFE, MAX_ATTEMPTS)


def test_cancelling_ends_an_open_flow(flow: FlowProgress) -> None:
    assert flow.cancel() is None
    assert flow.state is FlowState.CANCELLED


def test_second_cancel_is_no_error_and_a_step_is(flow: FlowProgress) -> None:
    flow.cancel("first-request")

    assert flow.cancel("second-request") is None
    assert flow.cancelled_by == "first-request"
    assert flow.refusal_for_step(flow.next) is FlowClosed


def test_completed_flow_is_not_cancelled(flow: FlowProgress) -> None:
    flow.state = FlowState.COMPLETED

    assert flow.cancel("a-request") is FlowClosed
    assert (flow.state, flow.cancelled_by) == (FlowState.COMPLETED, None)


def test_view_of_a_mailed_step_says_when_it_may_be_sent_again(flow: FlowProgress) -> None:
    view = flow.view()

    assert (view.next, view.expires_at) == (NextStep.DEVICE_CODE, NOW + LIFE)
    assert view.resend_available_at == NOW + timedelta(minutes=1)


def test_view_of_a_second_factor_has_nothing_to_send(flow: FlowProgress) -> None:
    flow.start_step(NextStep.OTP, NOW)

    assert (flow.view().next, flow.view().resend_available_at) == (NextStep.OTP, None)


def test_view_of_an_ended_flow_waits_for_nothing(flow: FlowProgress) -> None:
    flow.cancel()

    assert (flow.view().next, flow.view().expires_at, flow.view().state) == (None, None, FlowState.CANCELLED)


def test_step_that_cannot_be_sent_again_says_so() -> None:
    flow = FlowProgress(
        "u" + "A" * 32, FlowKind.USERNAME_CHANGE, CodeChallenge(NOW, LIFE), NextStep.EMAIL_CODE, resends=()
    )

    assert (flow.view().expires_at, flow.view().resend_available_at) == (NOW + LIFE, None)


def test_legs_of_a_flow_with_an_end_end_with_it() -> None:
    leg = CodeChallenge(NOW, LIFE, ends_at=NOW + timedelta(minutes=15))
    flow = FlowProgress("e" + "A" * 32, FlowKind.EMAIL_CHANGE, leg, NextStep.EMAIL_CODE)

    flow.start_step(NextStep.NEW_EMAIL, NOW + timedelta(minutes=9))

    assert flow.challenge.expires_at == NOW + timedelta(minutes=15)
