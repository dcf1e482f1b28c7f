"""Turns: one message of a user, and all that answers it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.assistant.errors import TurnClosed
from domain.assistant.tool_calls import ToolCall
from domain.assistant.turn_ends import FinishReason, TurnFailure, TurnState
from domain.errors import DecodeError
from domain.journal.occurrences import SYSTEM, Occurrence, OccurrenceType, Party, PartyKind, derived_id

MAX_TEXT_LENGTH = 16_000
"""Code points of a message."""
MAX_ROUNDS = 8
"""Calls of a model in one turn."""
TURN_TIMEOUT = timedelta(minutes=5)
"""The longest that a turn takes, without the time in which it waits for an approval."""


# What a message does while another is answered: it waits, ends the other, or is refused.
class TurnMode(StrEnum):
    QUEUE = "queue"
    INTERRUPT = "interrupt"
    REJECT = "reject"


class PartKind(StrEnum):
    TEXT = "text"
    TOOL_CALL = "tool_call"


@dataclass(frozen=True)
class Usage:
    """Tokens of a turn. `is_estimated`: its model does not count them. `cached_tokens`: those of the prompt that the
    model had read before.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    is_estimated: bool = False
    cached_tokens: int = 0

    def __add__(self, more: "Usage") -> "Usage":
        """Return what both cost together."""
        return Usage(
            self.prompt_tokens + more.prompt_tokens,
            self.completion_tokens + more.completion_tokens,
            self.is_estimated or more.is_estimated,
            self.cached_tokens + more.cached_tokens,
        )


@dataclass(frozen=True)
class Part:
    """A piece of an answer: a text, or the call of a tool. `is_whole`: nothing more comes. `is_dropped`: its text does
    not count any more, another model has begun anew in the part behind it.
    """

    kind: PartKind
    text: str = field(default="", repr=False)
    is_whole: bool = False
    call_id: str | None = None
    is_dropped: bool = False

    @property
    def length(self) -> int:
        """The length of the text in UTF-8 bytes, which offsets count."""
        return len(self.text.encode())


@dataclass(frozen=True)
class NewTurn:
    """A message as it was sent. `turn_id`: derived from its chat and its id, so that a repeat is the same turn.
    `body_hash`: the keyed hash of text and mode, which tells a repeat from another message with the same id.
    `asker_id`: the id of the session, or the prefix of the API key, that sent it; the turn is stopped when that ends.
    """

    turn_id: str
    chat_id: str
    user_id: str
    text: str = field(repr=False)
    mode: TurnMode
    body_hash: str
    asked_at: datetime
    asker_id: str | None = None


@dataclass(frozen=True)
class Turn:
    """A stored turn. `number`: its place in the chat, from 1. `attempt`: how often the message was answered, from 1.

    `stop_asked_at`: when its user asked to stop it. `calls`: of tools, by their ids, where they were read with it.
    `model`: the one that was asked last. `named_model`: the one that its chat names. `asker_id`: the session or
    API key that asked for this attempt.
    """

    turn_id: str
    chat_id: str
    user_id: str
    number: int
    text: str = field(repr=False)
    mode: TurnMode
    body_hash: str
    state: TurnState
    attempt: int
    parts: Sequence[Part]
    rounds: int
    model: str | None
    finish_reason: FinishReason | None
    failure: TurnFailure | None
    usage: Usage
    asked_at: datetime
    ended_at: datetime | None
    stop_asked_at: datetime | None
    calls: Mapping[str, ToolCall] = field(default_factory=dict)
    named_model: str | None = None
    asker_id: str | None = None

    @property
    def seq(self) -> int:
        """The number of the user's message in its chat. The answer has the next."""
        return 2 * self.number - 1

    @property
    def open_part(self) -> int:
        """The number of the part that the next text belongs to: the last if it is a text that is not whole."""
        last = self.parts[-1] if self.parts else None
        is_open = last is not None and last.kind is PartKind.TEXT and not last.is_whole
        return len(self.parts) - 1 if is_open else len(self.parts)

    def text_of(self, number: int) -> str:
        """Return the text of the part with this number, empty for one that is not begun."""
        return self.parts[number].text if number < len(self.parts) else ""

    @property
    def call_ids(self) -> Sequence[str]:
        """The ids of the calls of tools that were asked for, in order."""
        return [part.call_id for part in self.parts if part.call_id]

    @property
    def answer(self) -> str:
        """What the assistant has said, without its calls of tools."""
        return "".join(part.text for part in self.parts)

    @property
    def has_said(self) -> bool:
        """Whether there is any text."""
        return any(part.text for part in self.parts)


@dataclass(frozen=True)
class AcceptedTurn:
    """`ahead`: how many turns of the chat come before it. `is_new`: False for a repeat."""

    turn: Turn
    ahead: int
    is_new: bool


def refusal_for_stop(state: TurnState) -> type[DecodeError] | None:
    """Return why a turn in this state cannot be stopped; None if it can, or was."""
    return TurnClosed if state in (TurnState.COMPLETED, TurnState.FAILED) else None


def refusal_for_retry(state: TurnState) -> type[DecodeError] | None:
    """Return why a turn in this state cannot be answered anew; None if it can, or is being answered."""
    return TurnClosed if state is TurnState.COMPLETED else None


def turn_ended(turn_id: str, chat_id: str, attempt: int, state: TurnState, at: datetime) -> Occurrence:
    """Return the occurrence of a turn's end."""
    kind = OccurrenceType.TURN_ENDED
    return Occurrence(
        occurrence_id=derived_id(kind, turn_id, str(attempt)),
        type=kind,
        at=at,
        actor=SYSTEM,
        subject=Party(PartyKind.CHAT, chat_id),
        public={"turn": turn_id, "attempt": attempt, "state": state},
    )
