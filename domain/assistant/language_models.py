"""Language models: what one is, what it says, and how it fails."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from domain.assistant.conversation import BYTES_PER_TOKEN, RESERVED_TOKENS, Prompt
from domain.assistant.turns import FinishReason, Usage

FIRST_BYTE_TIMEOUT = timedelta(seconds=30)
SILENCE_TIMEOUT = timedelta(seconds=15)
CALL_TIMEOUT = timedelta(seconds=120)
TRIES_PER_MODEL = 2
MAX_BYTES_PER_TOKEN = 8


@dataclass(frozen=True)
class ModelFacts:
    """A configured model. `max_output`: tokens of one answer. `is_external`: others see what it is shown."""

    name: str
    context_tokens: int
    max_output: int
    can_call_tools: bool = False
    is_external: bool = False

    @property
    def max_answer_bytes(self) -> int:
        """Where an answer is cut, whatever the model thinks of its own limit."""
        return self.max_output * MAX_BYTES_PER_TOKEN

    @property
    def max_prompt_bytes(self) -> int:
        """How much of a conversation it is shown."""
        return (self.context_tokens - self.max_output - RESERVED_TOKENS) * BYTES_PER_TOKEN


MOCK = ModelFacts("mock", context_tokens=131_072, max_output=32_768, can_call_tools=True)
MODELS: Mapping[str, ModelFacts] = {MOCK.name: MOCK}
CHAIN: Sequence[str] = (MOCK.name,)
"""The models that are asked, one after the other, until one answers."""


def models_to_ask(named: str | None) -> Sequence[str]:
    """Return the models that answer in a chat: the one that it names, or the chain; none if that is set up no more."""
    if named is None:
        return CHAIN
    return [named] if named in MODELS else []


@dataclass(frozen=True)
class TextPiece:
    """Some text, as it comes."""

    text: str = field(repr=False)


@dataclass(frozen=True)
class CallAsked:
    """A call of a tool, uttered to its end. `arguments`: JSON, or what the model takes for it."""

    tool: str = field(repr=False)
    arguments: str = field(repr=False)


@dataclass(frozen=True)
class AnswerEnd:
    """The end of an answer: the last that a model says."""

    finish_reason: FinishReason
    usage: Usage


Spoken = TextPiece | CallAsked | AnswerEnd


class LanguageModel(Protocol):
    """A model that can be asked."""

    @property
    def facts(self) -> ModelFacts:
        """What is known of it."""
        ...

    def answer(self, prompt: Prompt) -> AsyncIterator[Spoken]:
        """Yield what the model says after `prompt.begun`. Raises ModelFailed, ModelRefused."""
        ...


class ModelFailed(Exception):
    """The model gave no answer, or broke off. Another try, or another model, may."""


class ModelRefused(Exception):
    """The model will not answer this, and no other try helps."""
