"""A wire: how a kind of provider is asked, and how what it says is read."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, NonNegativeInt, ValidationError, WrapValidator, model_validator

from adapters.ai.characters import join_halves
from domain.assistant.conversation import Prompt
from domain.assistant.language_models import CallAsked, ModelFacts, ModelFailed, Spoken
from domain.assistant.tools.registry import MAX_ARGUMENT_BYTES, MAX_CALLS_PER_TURN, MAX_NAME_LENGTH, ToolDefinition
from domain.assistant.turns import Usage

Json = dict[str, object]


class Said(BaseModel):
    """What a provider says, or a piece of it. What is null is as if it were not said."""

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: object) -> object:
        if value is None:
            return {}
        return {name: each for name, each in value.items() if each is not None} if isinstance(value, dict) else value


Event = TypeVar("Event", bound=Said)


def none_if_invalid(value: object, validate: Any) -> object:
    """Validate what an answer can do without: one that is none is as none given."""
    try:
        return validate(value)
    except ValidationError:
        return None


Count = Annotated[NonNegativeInt | None, WrapValidator(none_if_invalid)]
"""A number of tokens."""


@dataclass(frozen=True)
class WireModel:
    """A model of a provider. `name`: the provider's for it."""

    facts: ModelFacts
    name: str
    temperature: float | None = None


@dataclass
class CallPieces:
    """Puts calls of tools together that come in pieces. What no turn may have is not kept."""

    _names: dict[int, str] = field(default_factory=dict)
    _arguments: dict[int, str] = field(default_factory=dict)

    def begin(self, index: int, tool: str) -> None:
        """Begin the call with this index, or name it: a name may come after the first arguments, or never. A call
        without one is refused as any unknown tool is.
        """
        if index in self._names or len(self._names) <= MAX_CALLS_PER_TURN:
            self._names[index] = tool[: MAX_NAME_LENGTH + 1] or self._names.get(index, "")

    def add(self, index: int, arguments: str) -> None:
        """Add to the arguments of a call that has begun."""
        said = self._arguments.get(index, "")
        if index in self._names and len(said) <= MAX_ARGUMENT_BYTES:
            self._arguments[index] = said + arguments[: MAX_ARGUMENT_BYTES + 1]

    def whole(self) -> Sequence[CallAsked]:
        """Return the calls in the order in which they began."""
        return [CallAsked(name, join_halves(self._arguments.get(index, ""))) for index, name in self._names.items()]


class Listener(ABC):
    """Reads the events of one answer. `finish`: why it ended, in the provider's word, once it has said so."""

    def __init__(self) -> None:
        self.calls = CallPieces()
        self.finish: str | None = None

    @abstractmethod
    def take(self, data: str) -> Spoken | None:
        """Return what an event says; None for the last. Raises ModelFailed and its kinds, ModelRefused."""

    @abstractmethod
    def usage(self) -> Usage | None:
        """Return what the provider has counted; None if it does not."""


@dataclass(frozen=True)
class Wire:
    """`headers`: with a key, if there is one. `body`: what of a request is this wire's own. `tool`: how a model is told
    of one. `cut`: why an answer ends that is not whole. `refused`: why one does that the provider will not give.
    """

    path: str
    headers: Callable[[str | None], Mapping[str, str]]
    body: Callable[[WireModel, Prompt], Json]
    tool: Callable[[ToolDefinition], Json]
    listener: Callable[[], Listener]
    cut: Collection[str]
    refused: str


def parse(kind: type[Event], data: str) -> Event:
    """Return the event. Raises ModelFailed for garbage."""
    try:
        # Not `model_validate_json`, which takes no half characters.
        return kind.model_validate(json.loads(data))
    except (ValueError, RecursionError):
        raise ModelFailed("garbage") from None
