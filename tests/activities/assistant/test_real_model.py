"""A real model, by both wires: an answer that was cut by the end of its worker goes on as if it had not been."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace

import pytest

from adapters.ai.anthropic_wire import ANTHROPIC
from adapters.ai.endpoint import Endpoint, open_client
from adapters.ai.http_model import HttpModel
from adapters.ai.openai_wire import OPENAI
from adapters.ai.wire import Wire, WireModel
from domain.assistant.conversation import Prompt
from domain.assistant.language_models import ModelFacts, Spoken, TextPiece
from domain.assistant.turn_ends import RoundEnd
from tests.activities.assistant.saying import Saying
from tests.support.llama import Llama
from tests.support.talks import Talks

FACTS = ModelFacts("llama", context_tokens=2_048, max_output=48, is_external=True, continues=True, is_steady=True)
PIECES = 12
"""What the worker hears before it dies."""


class CutModel:
    """The same model, which falls silent amid its answer."""

    def __init__(self, model: HttpModel) -> None:
        self.facts = model.facts
        self.is_silent = asyncio.Event()
        self._model = model

    async def answer(self, prompt: Prompt) -> AsyncGenerator[Spoken, None]:
        pieces = 0
        async for spoken in self._model.answer(prompt):
            pieces += isinstance(spoken, TextPiece)
            if pieces > PIECES:
                self.is_silent.set()
                await asyncio.Event().wait()
            yield spoken


@pytest.fixture(params=[OPENAI, ANTHROPIC], ids=["openai", "anthropic"])
async def model(request: pytest.FixtureRequest, llama: Llama) -> AsyncIterator[HttpModel]:
    wire: Wire = request.param
    async with open_client() as client:
        endpoint = Endpoint(client, f"{llama.url}{wire.path}", wire.headers(llama.key), most_at_once=2)
        yield HttpModel(WireModel(FACTS, "smollm2", temperature=0), wire, endpoint)


async def ask(saying: Saying, talks: Talks) -> Saying:
    """The same in a chat of its own."""
    chat = await talks.begin_chat()
    await talks.send(chat.chat_id, "Tell me about the sea.")
    return replace(saying, turn=await talks.begin(chat.chat_id))


async def test_answer_that_is_cut_ends_as_an_unbroken_one(saying: Saying, talks: Talks, model: HttpModel) -> None:
    unbroken, broken = [await ask(saying, talks) for _ in range(2)]
    dying = CutModel(model)
    await unbroken.start(by=model)
    killed = broken.start(by=dying)
    await asyncio.wait_for(dying.is_silent.wait(), 30)

    await broken.kill(killed)
    said = await broken.texts.read(broken.place)
    end = await broken.start(by=model)

    whole, longer = await unbroken.answer(), await broken.answer()
    assert end is RoundEnd.CUT
    assert 0 < len(said) < len(whole)
    # Both are cut where the model may say no more, the second with its full length after the beginning.
    assert (whole.startswith(said), longer.startswith(whole)) == (True, True)
