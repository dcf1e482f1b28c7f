"""A model whose answers are kept: who asks it the same again is answered from the cache.

Only the first message of a chat is looked up, without tools, at temperature 0; and for the same user alone.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from adapters.redis.answer_cache import AnswerCache
from domain.assistant.conversation import Prompt
from domain.assistant.language_models import AnswerEnd, LanguageModel, Spoken, TextPiece
from domain.assistant.tools.results import json_text
from domain.assistant.turn_ends import FinishReason
from domain.assistant.turns import Usage

FROM_CACHE = AnswerEnd(FinishReason.STOP, Usage())


class CachedModel:
    """Asks `model` what the cache does not know. `hash_key`: of what is asked."""

    def __init__(self, model: LanguageModel, cache: AnswerCache, hash_key: Callable[[str], str]) -> None:
        self.facts = model.facts
        self._model = model
        self._cache = cache
        self._hash_key = hash_key

    async def answer(self, prompt: Prompt) -> AsyncGenerator[Spoken, None]:
        """Yield the answer that is kept, or what the model says. Raises what the model raises."""
        key = self._key(prompt)
        if key and (kept := await self._cache.find(key)):
            yield TextPiece(kept)
            yield FROM_CACHE
            return
        said = ""
        async with aclosing(self._model.answer(prompt)) as answer:
            async for spoken in answer:
                if isinstance(spoken, TextPiece):
                    said += spoken.text
                if key and isinstance(spoken, AnswerEnd) and spoken.finish_reason is FinishReason.STOP:
                    await self._cache.keep(key, said)
                yield spoken

    def _key(self, prompt: Prompt) -> str | None:
        """Return the key of a question whose answer may be kept."""
        if not self.facts.is_steady or len(prompt.messages) != 1 or prompt.steps or prompt.begun or prompt.tools:
            return None
        return self._hash_key(json_text([prompt.user, self.facts.name, prompt.system, prompt.messages[0].text]))
