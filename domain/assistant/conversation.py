"""What a model is shown: the newest part of a chat that fits, and what it has begun to say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from domain.assistant.history import MessageRole
from domain.assistant.turns import Turn

MAX_MESSAGES = 100
MAX_TURNS = MAX_MESSAGES // 2
RESERVED_TOKENS = 256
BYTES_PER_TOKEN = 3
"""A low estimate: no tokenizer is at hand, and a text that is too long is refused."""


@dataclass(frozen=True)
class Message:
    """One message of a conversation."""

    role: MessageRole
    text: str = field(repr=False)


@dataclass(frozen=True)
class Prompt:
    """What a model answers. `messages`: oldest first, the user's newest last. `begun`: what it has said already, to be
    continued.
    """

    messages: Sequence[Message]
    begun: str = field(default="", repr=False)


def conversation(turns: Sequence[Turn], turn: Turn) -> Sequence[Message]:
    """Return the messages before `turn` and its own, oldest first. `turns`: the earlier ones, oldest first.

    A message without an answer stays, so that the user need not say it again.
    """
    return [message for each in (*turns, turn) for message in _messages(each, is_current=each is turn)]


def fit(messages: Sequence[Message], max_bytes: int) -> Sequence[Message]:
    """Return the newest messages that fit into so many bytes; the last one in any case."""
    left, kept = max_bytes, list[Message]()
    for message in reversed(messages[-MAX_MESSAGES:]):
        left -= len(message.text.encode())
        if kept and left < 0:
            break
        kept.append(message)
    return kept[::-1]


def _messages(turn: Turn, *, is_current: bool) -> Iterator[Message]:
    yield Message(MessageRole.USER, turn.text)
    if not is_current and turn.has_said:
        yield Message(MessageRole.ASSISTANT, turn.answer)
