"""A model that says what a test hands it, when the test does."""

import asyncio
from collections.abc import AsyncGenerator

from domain.assistant.conversation import Prompt
from domain.assistant.language_models import AnswerEnd, ModelFacts, Spoken, TextPiece
from domain.assistant.turn_ends import FinishReason
from domain.assistant.turns import Usage

SCRIPTED = ModelFacts("scripted", context_tokens=10_000, max_output=1_000, continues=True)
END = AnswerEnd(FinishReason.STOP, Usage(3, 2))


class ScriptedModel:
    """`asked`: the prompts so far. `left`: how many answers nothing listens to any more."""

    def __init__(self, facts: ModelFacts = SCRIPTED) -> None:
        self.facts = facts
        self.asked: list[Prompt] = []
        self.left = 0
        self._script: asyncio.Queue[Spoken | Exception | None] = asyncio.Queue()

    def says(self, *script: str | Spoken | Exception | None) -> None:
        """Say texts, or whatever else a model says, then end, fail, or break off for None."""
        for each in script:
            self._script.put_nowait(TextPiece(each) if isinstance(each, str) else each)

    @property
    def is_heard(self) -> bool:
        """Whether all that was said is taken."""
        return self._script.empty()

    def forget(self) -> None:
        """Say nothing of what is not taken yet."""
        self._script = asyncio.Queue()

    async def answer(self, prompt: Prompt) -> AsyncGenerator[Spoken, None]:
        self.asked.append(prompt)
        try:
            while spoken := await self._script.get():
                if isinstance(spoken, Exception):
                    raise spoken
                yield spoken
        finally:
            self.left += 1
