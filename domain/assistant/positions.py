"""Positions in an answer: part and offset, in UTF-8 bytes, from which a client has not seen it yet."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.assistant.turns import Part


@dataclass(frozen=True, order=True)
class Position:
    """The place before the byte `offset` of the part with this number, from 0."""

    part: int = 0
    offset: int = 0


START = Position()


@dataclass(frozen=True)
class PartFrom:
    """A part of an answer from `offset` on. `next_offset`: where to go on."""

    number: int
    part: Part
    offset: int

    @property
    def next_offset(self) -> int:
        """The offset behind what is here."""
        return self.offset + self.part.length


def parts_from(parts: Sequence[Part], position: Position) -> Sequence[PartFrom]:
    """Return what comes at and after a position. An offset within a character counts as the one before it; one behind
    the end stays, since a store may have less of a text than its reader, who has read it from another.
    """
    return [
        cut_part(number, part, position.offset if number == position.part else 0)
        for number, part in enumerate(parts)
        if number >= position.part
    ]


def cut_part(number: int, part: Part, offset: int) -> PartFrom:
    """Return a part from an offset on. A byte 10xxxxxx continues a character (RFC 3629, section 3)."""
    data = part.text.encode()
    while 0 < offset < len(data) and data[offset] & 0xC0 == 0x80:
        offset -= 1
    return PartFrom(number, replace(part, text=data[offset:].decode()), offset)


def first_bytes(text: str, max_bytes: int) -> str:
    """Return the beginning of a text, `max_bytes` in UTF-8 at most and no half character."""
    return text if len(text) * 4 <= max_bytes else text.encode()[:max_bytes].decode(errors="ignore")
