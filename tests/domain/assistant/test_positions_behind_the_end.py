"""A position behind what there is of an answer stays where it is: a reader is told nothing twice."""

from domain.assistant.positions import Position, parts_from
from domain.assistant.turns import Part, PartKind


def test_reader_ahead_of_the_text_is_told_only_what_comes_after() -> None:
    """A store that has less of the text than the one that was read before."""
    (less,) = parts_from([Part(PartKind.TEXT, "one")], Position(0, 7))
    (more,) = parts_from([Part(PartKind.TEXT, "one two three")], Position(0, less.next_offset))

    assert (less.part.text, less.next_offset) == ("", 7)
    assert (more.part.text, more.offset) == (" three", 7)
