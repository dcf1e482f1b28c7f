"""Whatever a client has seen of an answer, what it reads from there on is the rest."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.assistant.positions import START, PartFrom, Position, parts_from
from domain.assistant.turns import Part, PartKind

WORDS = st.text(st.sampled_from("aé€😀 \u200d"), max_size=12)
ANSWERS = st.lists(WORDS.map(lambda text: Part(PartKind.TEXT, text)), max_size=4)
TEXT = "Aé€👩‍🚀 😀."


def texts(parts: Sequence[PartFrom]) -> str:
    return "".join(each.part.text for each in parts)


@given(WORDS, st.lists(st.integers(0, 40), max_size=6))
def test_pieces_that_are_read_one_after_the_other_are_the_text(text: str, cuts: list[int]) -> None:
    """The text grows by any pieces, and each reader goes on where the last has ended."""
    grown = [text[:length] for length in sorted(cuts)] + [text]
    seen, position = "", START
    for known in grown:
        (piece,) = parts_from([Part(PartKind.TEXT, known)], position)
        assert piece.offset == position.offset
        seen, position = seen + piece.part.text, Position(0, piece.next_offset)

    assert seen == text


@given(ANSWERS, st.integers(0, 5), st.integers(0, 60))
def test_rest_is_the_end_of_the_answer(parts: list[Part], number: int, offset: int) -> None:
    rest = parts_from(parts, Position(number, offset))

    assert "".join(part.text for part in parts).endswith(texts(rest))
    assert [each.number for each in rest] == list(range(number, len(parts)))
    ends = [part.length for part in parts[number:]]
    assert [each.next_offset for each in rest] == [max(end, offset) for end in ends[:1]] + ends[1:]


@pytest.mark.parametrize("offset", range(len(TEXT.encode()) + 1))
def test_offset_within_a_character_is_the_one_before_it(offset: int) -> None:
    (piece,) = parts_from([Part(PartKind.TEXT, TEXT)], Position(0, offset))

    before = TEXT.encode()[:offset].decode(errors="ignore")
    assert piece.offset == len(before.encode())
    assert before + piece.part.text == TEXT


def test_later_parts_are_whole_and_earlier_ones_left_out() -> None:
    parts = [Part(PartKind.TEXT, "one", is_whole=True), Part(PartKind.TOOL_CALL, call_id="c"), Part(PartKind.TEXT, "x")]

    rest = parts_from(parts, Position(1))

    assert [(each.number, each.offset, each.part) for each in rest] == [(1, 0, parts[1]), (2, 0, parts[2])]
