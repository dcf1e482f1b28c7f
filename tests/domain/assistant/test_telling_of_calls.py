"""A client is told of each step of a call once and in order, and then of what was said after it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.assistant.positions import Position
from domain.assistant.telling import (
    CLOSED,
    NOTHING_TOLD,
    REQUESTED,
    STARTED,
    ApprovalClosed,
    ApprovalRequested,
    Chunk,
    Ended,
    Started,
    Told,
    ToolEnded,
    ToolStarted,
    TurnEvent,
    end_of,
    next_event,
    told_until_now,
)
from domain.assistant.tool_calls import Decision, ToolCall, ToolCallState
from domain.assistant.tools.results import ToolErrorCode, ToolResult, failure
from domain.assistant.turn_ends import TurnState
from domain.assistant.turns import Part, PartKind, Turn
from tests.support.builders import NOW, TURN

ASKED = ToolCall("3" * 24, TURN.user_id, "call", "echo", {}, "", ToolCallState.ASKED)
WAITING = replace(ASKED, state=ToolCallState.WAITING, expires_at=NOW)
AGREED = replace(WAITING, state=ToolCallState.APPROVED, decision=Decision.ONCE)
RUNNING = replace(AGREED, state=ToolCallState.RUNNING)
DONE = replace(RUNNING, state=ToolCallState.DONE, result=ToolResult({}), execution_ms=1)
DECLINED = replace(WAITING, state=ToolCallState.DONE, result=failure(ToolErrorCode.DECLINED))
REFUSED = replace(ASKED, state=ToolCallState.DONE, result=failure(ToolErrorCode.TOOL_NOT_FOUND))
UNASKED = [replace(each, expires_at=None, decision=None) for each in (AGREED, RUNNING, DONE)]
LIVES = {
    "after a yes": [ASKED, WAITING, AGREED, RUNNING, DONE],
    "declined": [ASKED, WAITING, DECLINED],
    "refused": [ASKED, REFUSED],
    "without asking": [ASKED, *UNASKED],
}
STEPS: dict[str, list[type]] = {
    "after a yes": [ApprovalRequested, ApprovalClosed, ToolStarted, ToolEnded],
    "declined": [ApprovalRequested, ApprovalClosed, ToolEnded],
    "refused": [ToolEnded],
    "without asking": [ToolStarted, ToolEnded],
}
BEFORE, AFTER = Part(PartKind.TEXT, "let me see", True), Part(PartKind.TEXT, "done ☀", True)
lives = st.sampled_from(list(LIVES))


def calling(*calls: ToolCall, state: TurnState = TurnState.RUNNING, after: Sequence[Part] = ()) -> Turn:
    """A turn with a text, these calls and what comes after them."""
    by_id = {f"call-{number}": call for number, call in enumerate(calls)}
    asked = [Part(PartKind.TOOL_CALL, is_whole=True, call_id=call_id) for call_id in by_id]
    return replace(TURN, state=state, model="mock", parts=[BEFORE, *asked, *after], calls=by_id)


def tell_all(told: Told, turn: Turn) -> tuple[list[TurnEvent], Told]:
    events = []
    while step := next_event(told, turn):
        events.append(step[0])
        told = step[1]
    return events, told


def steps(events: Sequence[TurnEvent], part: int = 1) -> list[type]:
    """The steps of the call in this part."""
    return [type(each) for each in events if not isinstance(each, Chunk | Started | Ended) and each.part == part]


def text_of(events: Sequence[TurnEvent]) -> str:
    return "".join(event.content for event in events if isinstance(event, Chunk))


@pytest.mark.parametrize("life", list(LIVES))
def test_client_that_comes_at_any_step_is_told_all_steps_until_then(life: str) -> None:
    for call in LIVES[life]:
        told_now, told = tell_all(NOTHING_TOLD, calling(call))
        later, _ = tell_all(told, calling(LIVES[life][-1], state=TurnState.COMPLETED, after=[AFTER]))

        assert steps([*told_now, *later]) == STEPS[life]
        assert text_of([*told_now, *later]) == BEFORE.text + AFTER.text
        assert isinstance(later[-1], Ended)


@pytest.mark.parametrize(
    ("offset", "left"),
    [(0, 4), (REQUESTED, 3), (CLOSED, 2), (STARTED, 1), (9, 1)],
    ids=["nothing told", "requested", "closed", "started", "behind the end"],
)
def test_client_that_resumes_within_a_call_is_told_the_rest(offset: int, left: int) -> None:
    turn = calling(DONE, state=TurnState.COMPLETED, after=[AFTER])

    events, _ = tell_all(Told(turn.attempt, Position(1, offset)), turn)

    assert steps(events) == STEPS["after a yes"][4 - left :]
    assert text_of(events) == AFTER.text


def test_text_after_a_call_is_told_after_its_result() -> None:
    held, told = tell_all(NOTHING_TOLD, calling(RUNNING, after=[AFTER]))
    later, _ = tell_all(told, calling(DONE, after=[AFTER]))

    assert text_of(held) == BEFORE.text
    assert [type(each) for each in later] == [ToolEnded, Chunk]


@pytest.mark.parametrize("call", [ASKED, WAITING, AGREED, RUNNING], ids=lambda call: str(call.state))
def test_call_without_a_result_does_not_hold_up_the_end(call: ToolCall) -> None:
    turn = calling(call, DONE, state=TurnState.FAILED, after=[AFTER])

    events, _ = tell_all(NOTHING_TOLD, turn)

    assert ToolEnded not in steps(events)
    assert steps(events, part=2) == STEPS["after a yes"]
    assert text_of(events).endswith(AFTER.text)
    assert isinstance(events[-1], Ended)


def test_call_that_is_no_longer_stored_is_passed_over() -> None:
    turn = replace(calling(DONE, state=TurnState.COMPLETED, after=[AFTER]), calls={})

    events, _ = tell_all(NOTHING_TOLD, turn)

    assert [type(each) for each in events] == [Started, Chunk, Chunk, Ended]


@pytest.mark.parametrize("call", [ASKED, WAITING, RUNNING], ids=lambda call: str(call.state))
def test_end_is_before_a_call_that_is_not_over(call: ToolCall) -> None:
    assert end_of(calling(DONE, call, after=[AFTER])) == Position(2)


def test_end_is_behind_calls_that_are_over() -> None:
    assert end_of(calling(DONE, REFUSED)) == Position(3)
    assert end_of(calling(DONE, after=[replace(AFTER, is_whole=False)])) == Position(2, AFTER.length)


def test_client_that_comes_while_a_call_waits_is_told_of_that_alone() -> None:
    turn = calling(DONE, WAITING, state=TurnState.WAITING_APPROVAL)

    events, _ = tell_all(told_until_now(turn), turn)

    assert events == [ApprovalRequested(2, WAITING)]


@given(chosen=st.lists(lives, min_size=1, max_size=3), data=st.data())
def test_steps_are_told_once_and_in_order_whenever_a_client_looks(chosen: list[str], data: st.DataObject) -> None:
    at = [0] * len(chosen)
    ends = [len(LIVES[life]) - 1 for life in chosen]
    told, heard = NOTHING_TOLD, list[TurnEvent]()
    while at != ends:
        number = data.draw(st.sampled_from([each for each, end in enumerate(ends) if at[each] < end]))
        at[number] += 1
        if data.draw(st.booleans()):
            now = calling(*(LIVES[life][step] for life, step in zip(chosen, at, strict=True)))
            events, told = tell_all(told, now)
            heard += events
    whole = calling(*(LIVES[life][-1] for life in chosen), state=TurnState.COMPLETED, after=[AFTER])

    events, _ = tell_all(told, whole)
    heard += events

    assert text_of(heard) == BEFORE.text + AFTER.text
    assert [steps(heard, part) for part in range(1, len(chosen) + 1)] == [STEPS[life] for life in chosen]
    parts = [each.part for each in heard if not isinstance(each, Started | Ended)]
    assert parts == sorted(parts)


@given(chosen=st.lists(lives, max_size=3), part=st.integers(0, 6), offset=st.integers(0, 12))
def test_client_resumes_at_any_place_and_hears_the_end_of_the_same(chosen: list[str], part: int, offset: int) -> None:
    turn = calling(*(LIVES[life][-1] for life in chosen), state=TurnState.COMPLETED, after=[AFTER])
    whole, _ = tell_all(NOTHING_TOLD, turn)

    events, _ = tell_all(Told(turn.attempt, Position(part, offset)), turn)

    for number in range(1, len(chosen) + 1):
        heard, all_steps = steps(events, number), steps(whole, number)
        assert heard == all_steps[len(all_steps) - len(heard) :]
        assert number == part or heard == (all_steps if number > part else [])
        assert number != part or heard
    assert text_of(whole).endswith(text_of(events))
    assert isinstance(events[-1], Ended)
