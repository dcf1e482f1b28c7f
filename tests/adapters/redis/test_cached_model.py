"""An answer that is kept is given to the same user who asks the same model the same, and to no other."""

import secrets
from contextlib import aclosing, suppress
from dataclasses import replace

import pytest

from adapters.crypto.field_cipher import FieldCipher
from adapters.crypto.keys import KeyLabel, KeyRing
from adapters.redis.answer_cache import TTL_SECONDS, AnswerCache
from adapters.redis.cached_model import FROM_CACHE, CachedModel
from adapters.redis.client import open_redis
from adapters.resources import Resources
from config.keys import decode_key, split_ring
from config.settings import Settings
from domain.assistant.conversation import Message, Prompt
from domain.assistant.history import MessageRole
from domain.assistant.language_models import AnswerEnd, ModelFailed, Spoken, TextPiece
from domain.assistant.tools.definitions.all_tools import REGISTRY
from domain.assistant.turn_ends import FinishReason
from tests.support.scripted_model import END, SCRIPTED, ScriptedModel

STEADY = replace(SCRIPTED, is_steady=True)


@pytest.fixture
def cipher(settings: Settings) -> FieldCipher:
    ring = KeyRing(split_ring(settings.root_keys), decode_key(settings.lookup_secret.get_secret_value()))
    return FieldCipher(ring, KeyLabel.WORDS)


@pytest.fixture
def asked() -> Prompt:
    """The first message of a chat."""
    return Prompt([Message(MessageRole.USER, "What time is it?")], system="Be kind.", user=secrets.token_hex(8))


@pytest.fixture
def model() -> ScriptedModel:
    """The model behind the cache."""
    return ScriptedModel(STEADY)


async def say(resources: Resources, cipher: FieldCipher, model: ScriptedModel, prompt: Prompt) -> list[Spoken]:
    cached = CachedModel(model, AnswerCache(resources.clients.redis, cipher), resources.hashes.answer_key)
    said = list[Spoken]()
    async with aclosing(cached.answer(prompt)) as answer:
        while not said or not isinstance(said[-1], AnswerEnd):
            said.append(await anext(answer))
    return said


async def test_same_question_is_answered_without_the_model(
    resources: Resources, cipher: FieldCipher, model: ScriptedModel, asked: Prompt
) -> None:
    model.says("It is ", "noon ☀", END)

    said = [await say(resources, cipher, model, asked) for _ in range(2)]

    assert said[1] == [TextPiece("It is noon ☀"), FROM_CACHE]
    assert model.asked == [asked]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"user": "another"}, id="other user"),
        pytest.param({"system": "Be short."}, id="other system text"),
        pytest.param({"messages": [Message(MessageRole.USER, "what time is it?")]}, id="other words"),
        pytest.param({"messages": [Message(MessageRole.USER, "What time is it?")] * 2}, id="later message"),
        pytest.param({"begun": "It"}, id="begun answer"),
        pytest.param({"steps": ["It"]}, id="later round"),
        pytest.param({"tools": REGISTRY.list_tools()[:1]}, id="tools"),
    ],
)
async def test_any_other_question_is_asked(
    resources: Resources, cipher: FieldCipher, model: ScriptedModel, asked: Prompt, other: dict[str, object]
) -> None:
    model.says("It is noon", END, "It is one", END)
    await say(resources, cipher, model, asked)

    said = await say(resources, cipher, model, replace(asked, **other))  # type: ignore[arg-type]

    assert said[0] == TextPiece("It is one")


@pytest.mark.parametrize(
    "first",
    [
        pytest.param((ModelFailed(),), id="failed"),
        pytest.param((AnswerEnd(FinishReason.LENGTH, None),), id="cut"),
    ],
)
async def test_answer_that_is_not_whole_is_not_kept(
    resources: Resources, cipher: FieldCipher, model: ScriptedModel, asked: Prompt, first: tuple[AnswerEnd | Exception]
) -> None:
    model.says("It is", *first, "It is noon", END)
    with suppress(ModelFailed):
        await say(resources, cipher, model, asked)

    assert (await say(resources, cipher, model, asked))[0] == TextPiece("It is noon")


async def test_model_that_varies_is_asked_again(
    resources: Resources, cipher: FieldCipher, model: ScriptedModel, asked: Prompt
) -> None:
    model.facts = SCRIPTED
    model.says("It is noon", END, "It is one", END)

    said = [await say(resources, cipher, model, asked) for _ in range(2)]

    assert [each[0] for each in said] == [TextPiece("It is noon"), TextPiece("It is one")]


async def test_answers_are_kept_sealed_and_for_an_hour(
    resources: Resources, cipher: FieldCipher, model: ScriptedModel, asked: Prompt
) -> None:
    redis = resources.clients.redis
    before = {key async for key in redis.scan_iter("chat_cache:*", count=1000)}
    model.says("It is noon", END)

    await say(resources, cipher, model, asked)

    (key,) = {key async for key in redis.scan_iter("chat_cache:*", count=1000)} - before
    assert "noon" not in str(await redis.get(key))
    assert 0 < await redis.ttl(key) <= TTL_SECONDS


async def test_model_is_asked_while_redis_is_away(
    resources: Resources, cipher: FieldCipher, model: ScriptedModel, asked: Prompt
) -> None:
    async with open_redis("redis://127.0.0.1:9/0") as redis:
        without_redis = replace(resources, clients=replace(resources.clients, redis=redis))
        model.says("It is noon", END)

        assert await say(without_redis, cipher, model, asked) == [TextPiece("It is noon"), END]
