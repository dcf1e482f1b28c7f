"""A model that fails again and again is down for all processes, until it answers or half a minute has gone by."""

import secrets

import pytest
from redis.asyncio import Redis

from adapters.redis.client import open_redis
from adapters.redis.model_health import DOWN_SECONDS, MAX_FAILURES, ModelHealth
from adapters.resources import Resources
from domain.assistant.language_models import ModelState


@pytest.fixture
def redis(resources: Resources) -> Redis:
    return resources.clients.redis


@pytest.fixture
def model() -> str:
    """A model that no other test knows."""
    return f"model-{secrets.token_hex(6)}"


async def fail(redis: Redis, model: str, times: int) -> None:
    """Fail in a process of its own."""
    for _ in range(times):
        await ModelHealth(redis).record_failure(model, "503")


async def test_model_is_down_after_five_failures_in_a_row(redis: Redis, model: str) -> None:
    health = ModelHealth(redis)
    await fail(redis, model, MAX_FAILURES - 1)
    before = await health.find_down(["other", model])

    await fail(redis, model, 1)

    assert (list(before), list(await health.find_down(["other", model]))) == ([], [model])
    assert 0 < await redis.ttl(f"model_down:{model}") <= DOWN_SECONDS
    assert await health.read([model]) == {model: ModelState(is_down=True, first_text_ms=None, last_error="503")}


async def test_answer_ends_a_row_of_failures(redis: Redis, model: str) -> None:
    health = ModelHealth(redis)
    await fail(redis, model, MAX_FAILURES)

    await health.record_answer(model, 120)

    assert list(await health.find_down(["other", model])) == []
    assert await health.read([model]) == {model: ModelState(is_down=False, first_text_ms=120, last_error="503")}


async def test_no_model_is_down_while_redis_is_away(model: str) -> None:
    redis = open_redis("redis://127.0.0.1:9/0")
    health = ModelHealth(redis)

    await health.record_failure(model, "503")
    await health.record_answer(model, None)

    assert list(await health.find_down(["other", model])) == []
    await redis.aclose()
