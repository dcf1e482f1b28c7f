"""What the server answers: scripts of answers, each with its pauses and its fault."""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import cycle, pairwise
from typing import Annotated

from pydantic import Field, ValidationError

from devstack.model_server.faults import Fault, FaultKind, ScriptPart


class Finish(StrEnum):
    STOP = "stop"
    LENGTH = "length"
    TOOL_CALLS = "tool_calls"
    CONTENT_FILTER = "content_filter"


class Call(ScriptPart):
    """A call of a tool; `arguments` as the model says them, which need not be JSON, in so many fragments."""

    tool: str
    arguments: str = "{}"
    fragments: int = Field(default=1, ge=1)

    def pieces(self) -> list[str]:
        length = len(self.arguments)
        marks = [length * number // self.fragments for number in range(self.fragments + 1)]
        return [self.arguments[begin:end] for begin, end in pairwise(marks)]


class Usage(ScriptPart):
    """Tokens as the provider claims them; `prompt` includes the cached ones. None: counted, roughly."""

    prompt: int | None = None
    completion: int | None = None
    cached: int = 0


class Answer(ScriptPart):
    """One answer. `text` as one text is said word by word. `usage` None: nothing is said of it."""

    text: str | tuple[str, ...] = ""
    calls: tuple[Call, ...] = ()
    finish: Finish | None = None
    usage: Usage | None = Usage()
    first_pause_ms: float = Field(default=0, ge=0)
    pause_ms: float = Field(default=0, ge=0)
    continues: bool = False
    fault: Fault | None = None

    def has(self, *kinds: FaultKind) -> bool:
        """Whether its fault is one of these."""
        return self.fault is not None and self.fault.kind in kinds

    def words(self) -> list[str]:
        """The pieces of its text."""
        return re.findall(r"\s*\S+|\s+$", self.text) if isinstance(self.text, str) else [*self.text]

    def said(self) -> Iterator[str]:
        """The pieces as they are said: an endless answer repeats them."""
        return cycle(self.words()) if self.has(FaultKind.ENDLESS) else iter(self.words())

    def rest(self, begun: str) -> "Answer":
        """The rest, as llama.cpp says it, if it `continues` and its text begins so; else the whole."""
        if not (self.continues and "".join(self.words()).startswith(begun)):
            return self
        words, skipped = [], len(begun)
        for word in self.words():
            words.append(word[skipped:])
            skipped = max(0, skipped - len(word))
        return self.model_copy(update={"text": tuple(filter(None, words))})

    @property
    def finish_reason(self) -> Finish:
        """The given one, or else what suits the content."""
        return self.finish or (Finish.TOOL_CALLS if self.calls else Finish.STOP)


class Script(ScriptPart):
    """Answers one after the other, the last again and again; for one model, or for all without one of their own."""

    model: str | None = None
    answers: Annotated[tuple[Answer, ...], Field(min_length=1)]


def parse_script(body: bytes) -> Script:
    """Return the script of a request body. Raises ValueError with a sentence for the client."""
    try:
        return Script.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "script"
        raise ValueError(f"{place}: {first['msg'].removeprefix('Value error, ')}") from None


class Scripts:
    """The scripts by model, and how far each was played."""

    def __init__(self) -> None:
        self._answers: dict[str | None, Iterator[Answer]] = {}
        self.play(Script(answers=(Answer(text="Hello from the scripted model."),)))

    def play(self, script: Script) -> None:
        """From now on play this one, from its beginning."""
        self._answers[script.model] = _repeating_last(script.answers)

    def next_answer(self, model: str) -> Answer:
        return next(self._answers.get(model) or self._answers[None])

    @property
    def models(self) -> list[str]:
        """The models with a script of their own, or a name for any."""
        return [name for name in self._answers if name] or ["scripted"]


def _repeating_last(answers: Sequence[Answer]) -> Iterator[Answer]:
    yield from answers
    while True:
        yield answers[-1]
