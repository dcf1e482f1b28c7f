"""Pages of a history: all messages, each once, whatever is still being answered."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.assistant.chats import MAX_OPEN_TURNS
from domain.assistant.history import (
    MAX_HISTORY,
    MAX_HISTORY_BYTES,
    HistoryMessage,
    MessageRole,
    history_page,
    newest_turn_before,
    turns_of_page,
)
from domain.assistant.turn_ends import TurnState
from domain.assistant.turns import Part, PartKind, Turn
from tests.support.builders import TURN

SILENT = replace(TURN, state=TurnState.QUEUED)
ANSWERED = replace(TURN, state=TurnState.COMPLETED, parts=[Part(PartKind.TEXT, "an answer")])


def chat_of(*kinds: Turn) -> list[Turn]:
    return [replace(kind, number=number, turn_id=f"{number:024}") for number, kind in enumerate(kinds, 1)]


def read(turns: Sequence[Turn], before: int | None, limit: int) -> tuple[Sequence[HistoryMessage], int | None]:
    """Return a page as the store and the route make it."""
    below = newest_turn_before(before) if before else None
    found = [turn for turn in reversed(turns) if below is None or turn.number < below]
    page = history_page(found[: turns_of_page(limit)], before, limit)
    return page.messages, page.next_before


def walk(turns: Sequence[Turn], limit: int) -> list[HistoryMessage]:
    """Read all pages, from the newest back."""
    pages, before = [], None
    while True:
        messages, before = read(turns, before, limit)
        pages.append(messages)
        if before is None:
            return [message for page in reversed(pages) for message in page]


@given(st.integers(0, 70), st.integers(0, MAX_OPEN_TURNS), st.integers(1, MAX_HISTORY))
def test_pages_are_all_messages_each_once(answered: int, waiting: int, limit: int) -> None:
    turns = chat_of(*[ANSWERED] * answered, *[SILENT] * waiting)

    walked = walk(turns, limit)

    assert len(walked) == 2 * answered + waiting
    assert all(first.seq < second.seq for first, second in pairwise(walked))


@given(st.integers(1, 20), st.integers(1, 12), st.integers(1, 45))
def test_page_ends_before_the_number_that_was_asked_for(answered: int, limit: int, before: int) -> None:
    messages, _ = read(chat_of(*[ANSWERED] * answered), before, limit)

    last = min(2 * answered, before - 1)
    assert [message.seq for message in messages] == list(range(max(1, last - limit + 1), last + 1))


def test_page_is_as_long_as_its_size_allows() -> None:
    third = Part(PartKind.TEXT, "é" * (MAX_HISTORY_BYTES // 6))
    turns = chat_of(*[replace(ANSWERED, text="", parts=[third])] * 5)

    messages, next_before = read(turns, None, MAX_HISTORY)

    assert sum(len(message.content.encode()) for message in messages) <= MAX_HISTORY_BYTES
    assert ([message.seq for message in messages], next_before) == ([5, 6, 7, 8, 9, 10], 5)
    assert len(walk(turns, MAX_HISTORY)) == 10


def test_message_that_is_larger_than_a_page_is_a_page() -> None:
    large = replace(ANSWERED, parts=[Part(PartKind.TEXT, "a" * (MAX_HISTORY_BYTES + 1))])

    messages, next_before = read(chat_of(large), None, MAX_HISTORY)

    assert ([message.seq for message in messages], next_before) == ([2], 2)


@pytest.mark.parametrize(
    ("turn", "roles"),
    [
        pytest.param(SILENT, ["user"], id="waits"),
        pytest.param(replace(ANSWERED, state=TurnState.RUNNING), ["user", "assistant"], id="is-being-answered"),
        pytest.param(replace(TURN, state=TurnState.STOPPED), ["user", "assistant"], id="stopped-without-words"),
    ],
)
def test_answer_is_a_message_once_it_has_a_word_or_is_over(turn: Turn, roles: list[MessageRole]) -> None:
    messages, _ = read([turn], None, MAX_HISTORY)

    assert [message.role for message in messages] == roles
