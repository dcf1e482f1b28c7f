"""What a model is shown: the newest part of a chat that fits, and what it has begun to say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from domain.assistant.history import MessageRole
from domain.assistant.tool_calls import ToolCall
from domain.assistant.tools.results import json_text, result_text
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
class ToolExchange:
    """A call that a model has asked for in this turn, and its result as JSON."""

    tool: str
    arguments: str = field(repr=False)
    result: str = field(repr=False)


@dataclass(frozen=True)
class Prompt:
    """What a model answers. `messages`: oldest first, the user's newest last. `steps`: what it has said and had done in
    earlier rounds of this turn. `begun`: what it has said in this round already, to be continued.
    """

    messages: Sequence[Message]
    steps: Sequence[str | ToolExchange] = ()
    begun: str = field(default="", repr=False)


def conversation(turns: Sequence[Turn], turn: Turn) -> Sequence[Message]:
    """Return the messages before `turn` and its own, oldest first. `turns`: the earlier ones, oldest first.

    A message without an answer stays, so that the user need not say it again. One whose words cannot be opened is left
    out.
    """
    return [message for each in (*turns, turn) for message in _messages(each, is_current=each is turn)]


def turn_steps(turn: Turn, calls: Sequence[ToolCall]) -> Sequence[str | ToolExchange]:
    """Return what was said and done in the rounds of a turn that are over, in order. `calls`: those of the turn."""
    exchanges = {
        call.call_id: ToolExchange(call.tool, json_text(call.arguments), result_text(call.result))
        for call in calls
        if call.result
    }
    return [
        exchanges[part.call_id] if part.call_id else part.text
        for part in turn.parts
        if part.is_whole and (not part.call_id or part.call_id in exchanges)
    ]


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
    if turn.text:
        yield Message(MessageRole.USER, turn.text)
    if not is_current and turn.has_said:
        yield Message(MessageRole.ASSISTANT, turn.answer)
