"""The history of a chat: its messages in order, a page at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.assistant.chats import MAX_OPEN_TURNS
from domain.assistant.turn_ends import TurnState
from domain.assistant.turns import Turn

MAX_HISTORY = 100
"""Messages of one page."""
MAX_HISTORY_BYTES = 256 * 1024


# Who says a message. No docstring: Pydantic shows it.
class MessageRole(StrEnum):
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True)
class HistoryMessage:
    """A message of a chat. `seq`: its number; a turn has two. `state`: of its turn."""

    seq: int
    role: MessageRole
    content: str = field(repr=False)
    at: datetime
    turn_id: str
    state: TurnState


@dataclass(frozen=True)
class HistoryPage:
    """Some messages, the newest last. `next_before`: where the page before them ends; None without one."""

    messages: Sequence[HistoryMessage]
    next_before: int | None


def newest_turn_before(seq: int) -> int:
    """Return the number below which the turns are that have messages before this one."""
    return seq // 2 + 1


def turns_of_page(limit: int) -> int:
    """Return how many turns are read for a page of so many messages: enough to see whether there is one more. Open
    turns have one message yet, and so can the first.
    """
    return (limit + MAX_OPEN_TURNS) // 2 + 2


def history_page(turns: Sequence[Turn], before: int | None, limit: int) -> HistoryPage:
    """Return the newest messages with a number below `before`, as many as `limit` and the size of a page allow.

    `turns`: the newest first, one more than could be shown where there are so many.
    """
    found = [message for turn in turns for message in _messages(turn) if before is None or message.seq < before]
    shown, size = list[HistoryMessage](), 0
    for message in found[:limit]:
        size += len(message.content.encode())
        if shown and size > MAX_HISTORY_BYTES:
            break
        shown.append(message)
    has_more = len(shown) < len(found)
    return HistoryPage(shown[::-1], shown[-1].seq if has_more else None)


def _messages(turn: Turn) -> Iterator[HistoryMessage]:
    """Yield the answer, if there is any, then the message that it answers."""
    if turn.has_said or not turn.state.is_open:
        at = turn.ended_at or turn.asked_at
        yield HistoryMessage(turn.seq + 1, MessageRole.ASSISTANT, turn.answer, at, turn.turn_id, turn.state)
    yield HistoryMessage(turn.seq, MessageRole.USER, turn.text, turn.asked_at, turn.turn_id, turn.state)
