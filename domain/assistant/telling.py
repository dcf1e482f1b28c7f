"""What a client is told of a turn: event by event, from where it was told last. Replay and live go the same way."""

from dataclasses import dataclass, field, replace

from domain.assistant.positions import START, Position, cut_part, first_bytes
from domain.assistant.tool_calls import ToolCall, ToolCallState
from domain.assistant.turn_ends import TurnState
from domain.assistant.turns import Part, PartKind, Turn

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
class Reset:
    """The text of a part does not count any more: the answer begins anew in a later one."""

    part: int


@dataclass(frozen=True)
class Ended:
    """The turn is closed. `is_streamed`: the client was told of its text before."""

    is_streamed: bool


@dataclass(frozen=True)
class ApprovalRequested:
    """A call waits for its user. `part`: the call's."""

    part: int
    call: ToolCall


@dataclass(frozen=True)
class ApprovalClosed:
    """A call waits no longer: its user has decided, or the time is over."""

    part: int
    call: ToolCall


@dataclass(frozen=True)
class ToolStarted:
    """A tool runs."""

    part: int
    call: ToolCall


@dataclass(frozen=True)
class ToolEnded:
    """A call has its result."""

    part: int
    call: ToolCall


CallEvent = ApprovalRequested | ApprovalClosed | ToolStarted | ToolEnded
TurnEvent = Started | Chunk | Reset | CallEvent | Ended

REQUESTED, CLOSED, STARTED = 1, 2, 3
"""Offsets in the part of a call: how far a client was told of it."""


def next_event(told: Told, turn: Turn) -> tuple[TurnEvent, Told] | None:
    """Return the next that a client is to be told of a turn, and how far it is told then; None if that is all for now.

    A client that was told of an earlier attempt begins anew with the present one.
    """
    if told.attempt != turn.attempt:
        return _begin(told, turn)
    if told.is_over:
        return None
    if told.is_streamed and (step := _next_of_parts(told, turn)):
        return step
    return None if turn.state.is_open else (Ended(told.is_streamed), replace(told, is_over=True))


def told_until_now(turn: Turn) -> Told:
    """Return the mark of a client that wants only what comes from now on."""
    return told_from(turn, turn.attempt, end_of(turn))


def told_from(turn: Turn, attempt: int, position: Position) -> Told:
    """Return the mark of a client that has all before a position in this attempt; of an earlier one it is told anew."""
    return Told(attempt, position) if _has_begun(turn) else NOTHING_TOLD


def end_of(turn: Turn) -> Position:
    """Return the position behind all that was said and done; a call that is not over is still to be told of."""
    for number, part in enumerate(turn.parts):
        if part.kind is PartKind.TEXT and not part.is_whole:
            return Position(number, part.length)
        if part.call_id and not _is_over(turn, part.call_id):
            return Position(number)
    return Position(len(turn.parts))


def _begin(told: Told, turn: Turn) -> tuple[TurnEvent, Told] | None:
    if not _has_begun(turn):
        return None
    begun = replace(told, attempt=turn.attempt, position=START, chunks=0, is_over=False)
    return (Started(), begun) if told.is_streamed else next_event(begun, turn)


def _has_begun(turn: Turn) -> bool:
    """Whether anything is told of the present attempt: a model is asked, or it is over."""
    return turn.state is not TurnState.QUEUED and (turn.model is not None or not turn.state.is_open)


def _next_of_parts(told: Told, turn: Turn) -> tuple[TurnEvent, Told] | None:
    """Return the next of the first part that is not told to its end; None if that is all for now."""
    position = told.position
    for number in range(position.part, len(turn.parts)):
        part = turn.parts[number]
        here = replace(told, position=Position(number, position.offset if number == position.part else 0))
        step = _next_of_call(here, turn, part.call_id) if part.call_id else _next_of_text(here, part)
        is_over = _is_over(turn, part.call_id) if part.call_id else part.is_whole
        if step or (not is_over and turn.state.is_open):
            return step
    return None


def _next_of_text(told: Told, part: Part) -> tuple[TurnEvent, Told] | None:
    if part.is_dropped:
        number = told.position.part
        return Reset(number), replace(told, position=Position(number + 1))
    return _chunk(told, part)


def _chunk(told: Told, part: Part) -> tuple[TurnEvent, Told] | None:
    cut = cut_part(told.position.part, part, told.position.offset)
    if not cut.part.text:
        return None
    content = first_bytes(cut.part.text, MAX_CHUNK_BYTES)
    next_offset = cut.offset + len(content.encode())
    chunk = Chunk(cut.number, cut.offset, next_offset, content, told.chunks + 1)
    return chunk, replace(told, position=Position(cut.number, next_offset), chunks=chunk.count)


def _next_of_call(told: Told, turn: Turn, call_id: str) -> tuple[TurnEvent, Told] | None:
    call, number, step = turn.calls.get(call_id), told.position.part, told.position.offset
    if call is None:
        return None
    if call.was_asked_for and step < REQUESTED:
        return ApprovalRequested(number, call), replace(told, position=Position(number, REQUESTED))
    if call.was_asked_for and step < CLOSED:
        closed = replace(told, position=Position(number, CLOSED))
        return None if call.state is ToolCallState.WAITING else (ApprovalClosed(number, call), closed)
    if call.has_begun and step < STARTED:
        return ToolStarted(number, call), replace(told, position=Position(number, STARTED))
    return (ToolEnded(number, call), replace(told, position=Position(number + 1))) if call.result else None


def _is_over(turn: Turn, call_id: str) -> bool:
    call = turn.calls.get(call_id)
    return call is None or call.result is not None
