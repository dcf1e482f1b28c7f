"""What a client is told of a turn: event by event, from where it was told last. Replay and live go the same way."""

from dataclasses import dataclass, field, replace

from domain.assistant.positions import START, Position, parts_from
from domain.assistant.turns import PartKind, Turn, TurnState

MAX_CHUNK_BYTES = 32 * 1024


@dataclass(frozen=True)
class Told:
    """How far a client was told of a turn. `attempt`: the one it was told of, 0 before the first. `chunks`: how many.
    `is_streamed`: False for a client that wants the whole answer at its end and nothing before.
    """

    attempt: int = 0
    position: Position = START
    chunks: int = 0
    is_streamed: bool = True
    is_over: bool = False


NOTHING_TOLD = Told()


@dataclass(frozen=True)
class Started:
    """The answer begins."""


@dataclass(frozen=True)
class Chunk:
    """More text. `offset`, `next_offset`: where it begins and ends in the part, in UTF-8 bytes. `count`: which chunk of
    the turn it is, from 1.
    """

    part: int
    offset: int
    next_offset: int
    content: str = field(repr=False)
    count: int


@dataclass(frozen=True)
class Ended:
    """The turn is closed. `is_streamed`: the client was told of its text before."""

    is_streamed: bool


TurnEvent = Started | Chunk | Ended


def next_event(told: Told, turn: Turn) -> tuple[TurnEvent, Told] | None:
    """Return the next that a client is to be told of a turn, and how far it is told then; None if that is all for now.

    A client that was told of an earlier attempt begins anew with the present one.
    """
    if told.attempt != turn.attempt:
        return _begin(told, turn)
    if told.is_over:
        return None
    if told.is_streamed and (step := _chunk(told, turn)):
        return step
    return None if turn.state.is_open else (Ended(told.is_streamed), replace(told, is_over=True))


def told_until_now(turn: Turn) -> Told:
    """Return the mark of a client that wants only what comes from now on."""
    if turn.state is TurnState.QUEUED:
        return NOTHING_TOLD
    return Told(turn.attempt, end_of(turn))


def end_of(turn: Turn) -> Position:
    """Return the position behind all that was said."""
    if not turn.parts:
        return START
    last = turn.parts[-1]
    number = len(turn.parts) - 1
    return Position(number + 1) if last.is_whole else Position(number, last.length)


def _begin(told: Told, turn: Turn) -> tuple[TurnEvent, Told] | None:
    if turn.state is TurnState.QUEUED or (turn.state.is_open and turn.model is None):
        return None
    begun = replace(told, attempt=turn.attempt, position=START, chunks=0, is_over=False)
    return (Started(), begun) if told.is_streamed else next_event(begun, turn)


def _chunk(told: Told, turn: Turn) -> tuple[TurnEvent, Told] | None:
    for cut in parts_from(turn.parts, told.position):
        if cut.part.kind is not PartKind.TEXT or not cut.part.text:
            continue
        content = _first_bytes(cut.part.text)
        next_offset = cut.offset + len(content.encode())
        count = told.chunks + 1
        chunk = Chunk(cut.number, cut.offset, next_offset, content, count)
        return chunk, replace(told, position=Position(cut.number, next_offset), chunks=count)
    return None


def _first_bytes(text: str) -> str:
    """Return the beginning of a text, MAX_CHUNK_BYTES at most and no half character."""
    return text if len(text) * 4 <= MAX_CHUNK_BYTES else text.encode()[:MAX_CHUNK_BYTES].decode(errors="ignore")
