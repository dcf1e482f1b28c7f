"""The assistant with a real model, as `make up WITH=assistant` starts it: an answer whose worker is killed amid ends as
one that nothing broke.
"""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from bson import ObjectId

from adapters.resources import Resources
from devstack.stack import Stack
from tests.faults.outages import kill_worker_of
from tests.support.chat_client import chatting
from tests.support.chats import new_chat, read_turn, said
from tests.support.envelope import data
from tests.support.people import SignedIn
from tests.support.signed_in import on_device

QUESTION = "Explain in one paragraph why the sky is blue."
LONG = 60.0


@pytest.fixture
async def real_models(stack: Stack) -> AsyncIterator[None]:
    """API and worker of the stack with llama.cpp as their only model, by either wire."""
    await asyncio.to_thread(stack.up, optional=["assistant"])
    yield
    await asyncio.to_thread(stack.up)


@pytest.mark.usefixtures("real_models")
async def test_answer_whose_worker_is_killed_equals_an_unbroken_one(
    stack: Stack, api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    data(await api.post("/assistant/consent", headers=on_device(someone)))
    for model in ("llama", "llama-messages"):
        unbroken = await answer(stack, api, resources, someone, model, is_killed=False)
        broken = await answer(stack, api, resources, someone, model, is_killed=True)

        assert unbroken.endswith(".")
        assert broken == unbroken, model
        assert await calls(resources, someone, model) == 3


async def calls(resources: Resources, someone: SignedIn, model: str) -> int:
    """How often the user's turns have asked a model."""
    wanted = {"user_id": ObjectId(someone.user["_id"]), "model": model}
    return await resources.clients.database["model_usage"].count_documents(wanted)


async def answer(
    stack: Stack, api: httpx.AsyncClient, resources: Resources, someone: SignedIn, model: str, *, is_killed: bool
) -> str:
    """Return what a socket hears, which is also what is stored."""
    chat_id = await new_chat(api, someone, model=model)
    async with chatting(someone, stack.url("api"), chat_id) as client:
        turn_id = await client.say(QUESTION)
        if is_killed:
            begun = await client.hear(turn_id, until_chunks=3)
            assert begun.end is None
            await kill_worker_of(resources, chat_id)
        heard = await client.hear(turn_id, within=LONG)
    stored = await read_turn(api, someone, turn_id)

    assert heard.end is not None
    assert (stored["state"], stored["finish_reason"]) == ("completed", "stop")
    assert heard.text == heard.end["fullResponse"] == said(stored)
    return heard.text
