"""A client is told the start, all text once and in order, and the end, wherever it begins and however slow it is."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.assistant.positions import Position
from domain.assistant.telling import (
    MAX_CHUNK_BYTES,
    NOTHING_TOLD,
    Chunk,
    Ended,
    Reset,
    Started,
    Told,
    TurnEvent,
    end_of,
    next_event,
    told_from,
    told_until_now,
)
from domain.assistant.turn_ends import TurnState
from domain.assistant.turns import Part, PartKind, Turn
from tests.support.builders import TURN

RUNNING = replace(TURN, state=TurnState.RUNNING, model="mock", parts=[])
words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)


def saying(*texts: str, state: TurnState = TurnState.RUNNING, is_whole: bool = False) -> Turn:
    """A turn of which these parts were said; all but the last are whole."""
    last = len(texts) - 1
    parts = [Part(PartKind.TEXT, text, is_whole or number < last) for number, text in enumerate(texts)]
    return replace(RUNNING, state=state, parts=parts)


def tell_all(told: Told, turn: Turn) -> tuple[Sequence[TurnEvent], Told]:
    events = []
    while step := next_event(told, turn):
        events.append(step[0])
        told = step[1]
    return events, told


def text_of(events: Sequence[TurnEvent]) -> str:
    return "".join(event.content for event in events if isinstance(event, Chunk))


def test_turn_that_waits_is_not_told() -> None:
    assert next_event(NOTHING_TOLD, replace(RUNNING, state=TurnState.QUEUED)) is None


def test_turn_without_a_model_yet_is_not_told() -> None:
    assert next_event(NOTHING_TOLD, replace(RUNNING, model=None)) is None


def test_whole_turn_is_told_from_start_to_end() -> None:
    events, _ = tell_all(NOTHING_TOLD, saying("good", "bye", state=TurnState.COMPLETED, is_whole=True))

    assert [type(event) for event in events] == [Started, Chunk, Chunk, Ended]
    assert text_of(events) == "goodbye"


def test_what_was_told_is_not_told_again() -> None:
    _, told = tell_all(NOTHING_TOLD, saying("good"))

    events, _ = tell_all(told, saying("good morning"))

    assert events == [Chunk(0, 4, 12, " morning", 2)]


def test_slow_client_gets_all_that_came_meanwhile_as_one_chunk() -> None:
    _, told = tell_all(NOTHING_TOLD, saying(""))

    assert [type(event) for event in tell_all(told, saying("one two three"))[0]] == [Chunk]


def test_long_text_comes_in_chunks_of_whole_characters() -> None:
    text = "\U0001f600" * MAX_CHUNK_BYTES

    events, _ = tell_all(NOTHING_TOLD, saying(text))

    sizes = [len(event.content.encode()) for event in events if isinstance(event, Chunk)]
    assert text_of(events) == text
    assert max(sizes) <= MAX_CHUNK_BYTES


def test_another_attempt_begins_anew() -> None:
    _, told = tell_all(NOTHING_TOLD, saying("good", state=TurnState.FAILED))

    events, _ = tell_all(told, replace(saying("better"), attempt=2))

    assert events == [Started(), Chunk(0, 0, 6, "better", 1)]


def test_client_with_a_position_of_an_earlier_attempt_is_told_anew() -> None:
    again = replace(saying("better"), attempt=2)

    events = [tell_all(told_from(again, attempt, Position(0, 3)), again)[0] for attempt in (1, 2)]

    assert events == [[Started(), Chunk(0, 0, 6, "better", 1)], [Chunk(0, 3, 6, "ter", 1)]]


def test_client_that_resumes_before_the_answer_is_told_its_start() -> None:
    queued = replace(RUNNING, state=TurnState.QUEUED, model=None)

    events, _ = tell_all(told_from(queued, 1, Position()), saying("good"))

    assert events[0] == Started()


def test_unstreamed_client_is_told_the_end_alone() -> None:
    whole = Told(is_streamed=False)

    assert next_event(whole, saying("good")) is None
    assert tell_all(whole, saying("good", state=TurnState.COMPLETED))[0] == [Ended(is_streamed=False)]


@pytest.mark.parametrize("state", [TurnState.RUNNING, TurnState.WAITING_APPROVAL])
def test_client_that_comes_later_is_told_what_is_new(state: TurnState) -> None:
    told = told_until_now(saying("good", state=state))

    assert text_of(tell_all(told, saying("good morning"))[0]) == " morning"


def test_end_of_whole_parts_is_the_next_part() -> None:
    assert end_of(saying("good", "bye", is_whole=True)) == Position(2)
    assert end_of(saying("good", "bye")) == Position(1, 3)


@given(pieces=st.lists(words, min_size=1, max_size=6), looks=st.sets(st.integers(0, 6)), data=st.data())
def test_text_is_told_once_whenever_a_client_looks(pieces: list[str], looks: set[int], data: st.DataObject) -> None:
    whole = "".join(pieces)
    skipped = data.draw(st.integers(0, len(whole)))
    told, heard = Told(RUNNING.attempt, Position(0, len(whole[:skipped].encode()))), ""
    for number in range(len(pieces) + 1):
        said = "".join(pieces[:number])
        if number in looks and len(said) >= skipped:
            events, told = tell_all(told, saying(said))
            heard += text_of(events)

    events, _ = tell_all(told, saying(whole, state=TurnState.COMPLETED, is_whole=True))

    assert heard + text_of(events) == whole[skipped:]
    assert isinstance(events[-1], Ended)


def test_text_that_another_model_begins_anew_is_taken_back_once() -> None:
    begun, told = tell_all(NOTHING_TOLD, saying("It is"))
    dropped = Part(PartKind.TEXT, is_whole=True, is_dropped=True)
    anew = replace(RUNNING, state=TurnState.COMPLETED, parts=[dropped, Part(PartKind.TEXT, "That was", is_whole=True)])

    events, _ = tell_all(told, anew)

    assert text_of(begun) == "It is"
    assert events == [Reset(0), Chunk(1, 0, 8, "That was", 2), Ended(is_streamed=True)]


def test_client_that_begins_later_passes_over_what_was_dropped() -> None:
    dropped = Part(PartKind.TEXT, is_whole=True, is_dropped=True)
    anew = replace(RUNNING, parts=[dropped, Part(PartKind.TEXT, "That was")])

    assert tell_all(NOTHING_TOLD, anew)[0] == [Started(), Reset(0), Chunk(1, 0, 8, "That was", 1)]
