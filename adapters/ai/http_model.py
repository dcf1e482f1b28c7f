"""A model of a provider, asked over HTTP by one of the wires."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from adapters.ai.characters import in_whole_characters
from adapters.ai.continuation import without_blanks_again
from adapters.ai.endpoint import Endpoint
from adapters.ai.wire import Json, Listener, Wire, WireModel
from domain.assistant.conversation import Prompt
from domain.assistant.language_models import AnswerEnd, Asked, ModelFailed, ModelRefused, Spoken
from domain.assistant.turn_ends import FinishReason


class HttpModel:
    """Asks a model at its endpoint."""

    def __init__(self, model: WireModel, wire: Wire, endpoint: Endpoint) -> None:
        self.facts = model.facts
        self._model = model
        self._wire = wire
        self._endpoint = endpoint

    async def answer(self, prompt: Prompt) -> AsyncGenerator[Spoken, None]:
        """Yield what the model says after `prompt.begun`, once it is asked. Raises ModelFailed and its kinds,
        ModelRefused.
        """
        listener = self._wire.listener()
        async with aclosing(self._listen(prompt, listener)) as rest:
            async for spoken in without_blanks_again(prompt.begun, in_whole_characters(rest)):
                yield spoken
        reason = self._finish_reason(listener.finish)
        for call in listener.calls.whole():
            yield call
        yield AnswerEnd(reason, listener.usage())

    async def _listen(self, prompt: Prompt, listener: Listener) -> AsyncGenerator[Spoken, None]:
        async with self._endpoint.slot(), aclosing(self._endpoint.ask(self._body(prompt))) as events:
            yield Asked()
            async for event in events:
                spoken = listener.take(event.data)
                if spoken is None:
                    return
                yield spoken

    def _body(self, prompt: Prompt) -> Json:
        body: Json = {"model": self._model.name, "stream": True, **self._wire.body(self._model, prompt)}
        if self._model.temperature is not None:
            body["temperature"] = self._model.temperature
        if prompt.tools:
            body["tools"] = [self._wire.tool(tool) for tool in prompt.tools]
        return body

    def _finish_reason(self, said: str | None) -> FinishReason:
        """Return why the answer ended. Raises ModelFailed for one that broke off, ModelRefused."""
        if said is None:
            raise ModelFailed("broke off")
        if said == self._wire.refused:
            raise ModelRefused
        return FinishReason.LENGTH if said in self._wire.cut else FinishReason.STOP
