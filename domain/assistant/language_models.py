"""Language models: what one is, what it says, and how it fails."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from domain.assistant.conversation import BYTES_PER_TOKEN, MAX_BYTES_PER_TOKEN, RESERVED_TOKENS, Prompt
from domain.assistant.turn_ends import FinishReason
from domain.assistant.turns import Usage

FIRST_BYTE_TIMEOUT = timedelta(seconds=30)
SILENCE_TIMEOUT = timedelta(seconds=15)
CALL_TIMEOUT = timedelta(seconds=120)
SLOT_TIMEOUT = timedelta(seconds=20)
"""How long a call waits for a slot of ours. Shorter than the time for a first byte, which begins after it."""
MAX_RETRY_AFTER = timedelta(seconds=30)
"""The longest that a model may ask to wait before it is asked again; for more another is asked."""
TRIES_PER_MODEL = 2


@dataclass(frozen=True)
class ModelFacts:
    """A configured model. `max_output`: tokens of one answer. `is_external`: others see what it is shown. `continues`:
    it goes on where a begun answer was cut. `is_steady`: it says the same to the same (temperature 0).

    `price_in`, `price_out`: of a million tokens; None for one without a price.
    """

    name: str
    context_tokens: int
    max_output: int
    can_call_tools: bool = False
    is_external: bool = False
    continues: bool = False
    is_steady: bool = False
    price_in: float | None = None
    price_out: float | None = None

    @property
    def max_answer_bytes(self) -> int:
        """Where an answer is cut, whatever the model thinks of its own limit."""
        return int(self.max_output * MAX_BYTES_PER_TOKEN)

    def max_prompt_bytes(self, bytes_per_token: float = BYTES_PER_TOKEN) -> int:
        """How much it can be shown, of a text that has so many bytes to a token."""
        return int((self.context_tokens - self.max_output - RESERVED_TOKENS) * bytes_per_token)

    def cost_micro(self, usage: Usage) -> int | None:
        """Return what tokens cost, in millionths of the currency of its prices; None without a price."""
        if self.price_in is None or self.price_out is None:
            return None
        return round(usage.prompt_tokens * self.price_in + usage.completion_tokens * self.price_out)


MOCK = ModelFacts("mock", context_tokens=131_072, max_output=32_768, can_call_tools=True, continues=True)


@dataclass(frozen=True)
class ModelCatalogue:
    """The configured models by name. `chain`: those that are asked, one after the other, until one answers."""

    models: Mapping[str, ModelFacts]
    chain: Sequence[str]

    @property
    def is_empty(self) -> bool:
        """Whether no model can answer."""
        return not self.chain

    @property
    def default(self) -> str | None:
        """The model that is asked first; None without any."""
        return self.chain[0] if self.chain else None

    @property
    def has_external(self) -> bool:
        """Whether any model that may be asked is not our own."""
        return any(model.is_external for model in self.models.values())

    def models_to_ask(self, named: str | None) -> Sequence[str]:
        """Return the models that answer in a chat: the one that it names, or the chain; none for one set up no more."""
        if named is None:
            return self.chain
        return [named] if named in self.models else []


@dataclass(frozen=True)
class ModelState:
    """How a model has answered lately. `first_text_ms`: of the newest answer; `last_error`: of the newest failure. None
    for none in the last day.
    """

    is_down: bool
    first_text_ms: int | None
    last_error: str | None


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
    """The end of an answer: the last that a model says. `usage`: None if it does not count."""

    finish_reason: FinishReason
    usage: Usage | None


@dataclass(frozen=True)
class Heartbeat:
    """The model is at work: it thinks, or utters a call of a tool."""


@dataclass(frozen=True)
class Asked:
    """The question goes out at this moment: before, it has waited for a slot of ours."""


Spoken = Asked | TextPiece | CallAsked | Heartbeat | AnswerEnd


class LanguageModel(Protocol):
    """A model that can be asked."""

    @property
    def facts(self) -> ModelFacts:
        """What is known of it."""
        ...

    def answer(self, prompt: Prompt) -> AsyncGenerator[Spoken, None]:
        """Yield what the model says after `prompt.begun`. Raises ModelFailed, ModelRefused."""
        ...


class ModelFailed(Exception):
    """The model gave no answer, or broke off. Another try, or another model, may. `retry_after`: when it asks to be
    tried again. `is_unread`: it has refused the question unread, or was not reached, which costs nothing.
    """

    def __init__(self, reason: str = "", retry_after: timedelta | None = None, *, is_unread: bool = False) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.is_unread = is_unread


class ModelBusy(ModelFailed):
    """As many questions as the model may have from us are under way, which is no failure of its own."""


class ModelUnusable(ModelFailed):
    """The model takes none of our questions: another try does not help, another model may."""


class QuestionRefused(ModelUnusable):
    """The model takes no such question, which says nothing of how it does otherwise."""


class PromptTooLong(QuestionRefused):
    """The model can be shown less than it was."""


class ModelRefused(Exception):
    """The model will not answer this, and no other try helps."""
