from dataclasses import replace

import pytest

from domain.assistant.turn_ends import (
    ENDS,
    STOPPED,
    TIMED_OUT,
    TOO_MANY_CALLS,
    UNAVAILABLE,
    FinishReason,
    RoundEnd,
    TurnEnd,
    TurnState,
)
from domain.assistant.turns import Part, PartKind, Usage, refusal_for_retry, refusal_for_stop, turn_ended
from tests.support.builders import NOW, TURN

OPEN = {TurnState.QUEUED, TurnState.RUNNING, TurnState.WAITING_APPROVAL}
SAID = Part(PartKind.TEXT, "Good 🌞")
CALL = Part(PartKind.TOOL_CALL, call_id="a-call")


@pytest.mark.parametrize(
    ("end", "with_words", "without"),
    [
        pytest.param(ENDS[RoundEnd.DONE], TurnState.COMPLETED, TurnState.COMPLETED, id="done"),
        pytest.param(ENDS[RoundEnd.CUT], TurnState.COMPLETED, TurnState.COMPLETED, id="cut"),
        pytest.param(ENDS[RoundEnd.REFUSED], TurnState.FAILED, TurnState.FAILED, id="refused"),
        pytest.param(STOPPED, TurnState.STOPPED, TurnState.STOPPED, id="stopped"),
        pytest.param(UNAVAILABLE, TurnState.FAILED, TurnState.FAILED, id="unavailable"),
        pytest.param(TIMED_OUT, TurnState.COMPLETED, TurnState.FAILED, id="timed-out"),
    ],
)
def test_turn_that_was_given_up_fails_unless_time_cut_what_it_said(
    end: TurnEnd, with_words: TurnState, without: TurnState
) -> None:
    assert (end.state(has_said=True), end.state(has_said=False)) == (with_words, without)


@pytest.mark.parametrize(
    ("end", "is_stopped"),
    [
        *((ENDS[RoundEnd.DONE], False), (ENDS[RoundEnd.CUT], False)),
        *((TOO_MANY_CALLS, True), (TIMED_OUT, True), (UNAVAILABLE, True), (STOPPED, True)),
    ],
    ids=["done", "cut", "too many calls", "timed out", "unavailable", "stopped"],
)
def test_turn_that_was_to_stop_is_stopped_unless_its_model_was_done(end: TurnEnd, is_stopped: bool) -> None:
    assert end.after_stop() == (STOPPED if is_stopped else end)


def test_every_round_but_one_that_asks_for_tools_can_be_the_last_of_its_turn() -> None:
    assert ENDS.keys() == set(RoundEnd) - {RoundEnd.CALLS}


@pytest.mark.parametrize("state", TurnState)
def test_only_a_turn_that_goes_on_is_open(state: TurnState) -> None:
    assert state.is_open is (state in OPEN)


@pytest.mark.parametrize("state", TurnState)
def test_open_or_stopped_turn_can_be_stopped(state: TurnState) -> None:
    assert (refusal_for_stop(state) is None) is (state in OPEN | {TurnState.STOPPED})


@pytest.mark.parametrize("state", TurnState)
def test_turn_can_be_answered_anew_unless_it_is_completed(state: TurnState) -> None:
    assert (refusal_for_retry(state) is None) is (state is not TurnState.COMPLETED)


def test_answer_is_the_text_without_the_calls() -> None:
    turn = replace(TURN, parts=[SAID, CALL, Part(PartKind.TEXT, " morning")])

    assert (turn.answer, turn.has_said) == ("Good 🌞 morning", True)
    assert not replace(TURN, parts=[CALL]).has_said


@pytest.mark.parametrize(
    ("parts", "number"),
    [
        pytest.param([], 0, id="nothing-said"),
        pytest.param([SAID], 0, id="text-begun"),
        pytest.param([replace(SAID, is_whole=True)], 1, id="text-whole"),
        pytest.param([SAID, CALL], 2, id="tool-called"),
    ],
)
def test_next_text_belongs_to_the_text_that_is_begun_or_to_a_part_of_its_own(parts: list[Part], number: int) -> None:
    assert replace(TURN, parts=parts).open_part == number


def test_message_and_answer_have_the_numbers_of_their_turn() -> None:
    assert [replace(TURN, number=number).seq for number in (1, 2, 3)] == [1, 3, 5]


def test_length_of_a_part_is_in_bytes() -> None:
    assert SAID.length == 9


def test_rounds_cost_what_they_cost_together() -> None:
    both = Usage(3, 5) + Usage(7, 11, is_estimated=True)

    assert both == Usage(10, 16, is_estimated=True)


def test_end_of_an_attempt_is_one_occurrence_that_says_no_word() -> None:
    ended = [turn_ended(TURN.turn_id, TURN.chat_id, attempt, TurnState.FAILED, NOW) for attempt in (1, 1, 2)]

    assert ended[0] == ended[1] != ended[2]
    assert len({each.occurrence_id for each in ended}) == 2
    assert ended[0].public == {"turn": TURN.turn_id, "attempt": 1, "state": "failed"}


def test_words_are_in_no_repr() -> None:
    assert "hello" not in repr(TURN)
    assert "Good" not in repr(SAID)


def test_reason_of_a_stopped_turn_is_that_it_was_stopped() -> None:
    assert STOPPED.finish_reason is ENDS[RoundEnd.STOPPED].finish_reason is FinishReason.STOPPED
