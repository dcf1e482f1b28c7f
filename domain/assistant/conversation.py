"""What a model is shown: the newest part of a chat that fits, and what it has begun to say."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import dropwhile

from domain.assistant.history import MessageRole
from domain.assistant.tool_calls import ToolCall
from domain.assistant.tools.registry import ToolDefinition
from domain.assistant.tools.results import json_text, result_text
from domain.assistant.turns import Turn

TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
MAX_MESSAGES = 100
MAX_TURNS = MAX_MESSAGES // 2
RESERVED_TOKENS = 256
BYTES_PER_TOKEN = 3.0
"""A low estimate to begin with: no tokenizer is at hand, and a text that is too long is refused. What a provider counts
in a chat takes its place there.
"""
MIN_BYTES_PER_TOKEN, MAX_BYTES_PER_TOKEN = 1.0, 8.0


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
    earlier rounds of this turn. `begun`: what it has said in this round already, to be continued. `system`: what it is
    told about itself. `tools`: those that it may ask for. `user`: a pseudonym.
    """

    messages: Sequence[Message]
    steps: Sequence[str | ToolExchange] = ()
    begun: str = field(default="", repr=False)
    system: str = ""
    tools: Sequence[ToolDefinition] = ()
    user: str = ""

    @cached_property
    def size(self) -> int:
        """How large all of it is, in UTF-8 bytes."""
        return sum(len(message.text.encode()) for message in self.messages) + self._size_besides

    @cached_property
    def _size_besides(self) -> int:
        """The size of what is not a message, and so cannot be left out."""
        texts = [self.system, self.begun, *(json_text(tool.parameters) + tool.description for tool in self.tools)]
        for step in self.steps:
            texts += [step] if isinstance(step, str) else [step.tool, step.arguments, step.result]
        return sum(len(text.encode()) for text in texts)

    def fitted(self, max_bytes: int) -> "Prompt":
        """Return it with the newest messages alone that fit into so many bytes with all else; the last in any case."""
        return replace(self, messages=fit(self.messages, max_bytes - self._size_besides))

    def halved(self) -> "Prompt":
        """Return it with the newer half of its messages by size; the last in any case."""
        return self.fitted(self._size_besides + (self.size - self._size_besides) // 2)


def conversation(turns: Sequence[Turn], turn: Turn) -> Sequence[Message]:
    """Return the messages before `turn` and its own, oldest first. `turns`: the earlier ones, oldest first.

    A message without an answer stays, so that the user need not say it again. One whose words cannot be opened is left
    out.
    """
    return [message for each in (*turns, turn) for message in _messages(each, is_current=each is turn)]


def turn_steps(turn: Turn, calls: Sequence[ToolCall]) -> Sequence[str | ToolExchange]:
    """Return what was said and done in the rounds of a turn that are over, in order. `calls`: those of the turn."""
    exchanges = {
        call.call_id: ToolExchange(_spoken_name(call.tool), json_text(call.arguments), result_text(call.result))
        for call in calls
        if call.result
    }
    return [
        exchanges[part.call_id] if part.call_id else part.text
        for part in turn.parts
        if part.is_whole and (part.call_id in exchanges if part.call_id else part.text.strip())
    ]


def _spoken_name(tool: str) -> str:
    """Return the name by which a call is told: providers take no other characters, whatever a model has invented."""
    return tool if TOOL_NAME.fullmatch(tool) else "no_such_tool"


def fit(messages: Sequence[Message], max_bytes: int) -> Sequence[Message]:
    """Return the newest messages that fit into so many bytes, from one of the user's on; the last one in any case."""
    left, kept = max_bytes, list[Message]()
    for message in reversed(messages[-MAX_MESSAGES:]):
        left -= len(message.text.encode())
        if kept and left < 0:
            break
        kept.append(message)
    return list(dropwhile(lambda message: message.role is not MessageRole.USER, reversed(kept)))


def _messages(turn: Turn, *, is_current: bool) -> Iterator[Message]:
    if turn.text:
        yield Message(MessageRole.USER, turn.text)
    if not is_current and turn.answer.strip():
        yield Message(MessageRole.ASSISTANT, turn.answer)
