"""How models answer, as all processes have seen it: a model that fails again and again is asked last for a while."""

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import TypeVar

from redis.asyncio import Redis
from redis.exceptions import RedisError

from adapters.redis.outage import RedisOutage
from domain.assistant.language_models import ModelState

MAX_FAILURES = 5
"""In a row, each within so many seconds of the one before: then the model is down, for as long."""
DOWN_SECONDS = 30
SEEN_SECONDS = 24 * 3600

Reply = TypeVar("Reply")

logger = logging.getLogger("decode.models")


class ModelHealth:
    """Remembers in Redis how models answer. While Redis is away no model counts as down."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._outage = RedisOutage()

    async def record_answer(self, model: str, first_text_ms: int | None) -> None:
        """Record that a model has answered, and when it began to, if it said anything."""
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.delete(_failures_key(model))
        if first_text_ms is not None:
            pipeline.hset(_seen_key(model), "first_text_ms", str(first_text_ms))
            pipeline.expire(_seen_key(model), SEEN_SECONDS)
        await self._try(pipeline.execute)

    async def record_failure(self, model: str, error: str) -> None:
        """Record that a model has failed. `error`: what went wrong, in a word of ours or a status."""
        logger.warning("a model failed", extra={"model": model, "error": error})
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.incr(_failures_key(model))
        pipeline.expire(_failures_key(model), DOWN_SECONDS)
        pipeline.hset(_seen_key(model), "last_error", error)
        pipeline.expire(_seen_key(model), SEEN_SECONDS)
        await self._try(pipeline.execute)

    async def find_down(self, models: Sequence[str]) -> Collection[str]:
        """Return those of the models that are down."""
        if len(models) < 2:
            return ()
        counted = await self._try(lambda: self._redis.mget([_failures_key(model) for model in models]))
        failures = zip(models, counted or (), strict=False)
        return [model for model, count in failures if int(count or 0) >= MAX_FAILURES]

    async def read(self, models: Sequence[str]) -> Mapping[str, ModelState]:
        """Return the state of each model. Raises RedisError."""
        pipeline = self._redis.pipeline(transaction=False)
        for model in models:
            pipeline.get(_failures_key(model))
            pipeline.hgetall(_seen_key(model))
        replies = await pipeline.execute()
        pairs = zip(models, replies[::2], replies[1::2], strict=True)
        return {model: _state(int(count or 0), seen) for model, count, seen in pairs}

    async def _try(self, command: Callable[[], Awaitable[Reply]]) -> Reply | None:
        """Return the reply; None while Redis is away, which answers must not wait for."""
        if self._outage.is_under_way():
            return None
        try:
            return await command()
        except (RedisError, OSError) as error:
            logger.warning("redis is away, no model counts as down", extra={"error": type(error).__name__})
            self._outage.record()
            return None


def _state(failures: int, seen: Mapping[str, str]) -> ModelState:
    first_text_ms = seen.get("first_text_ms")
    return ModelState(
        is_down=failures >= MAX_FAILURES,
        first_text_ms=int(first_text_ms) if first_text_ms else None,
        last_error=seen.get("last_error"),
    )


def _failures_key(model: str) -> str:
    return f"model_down:{model}"


def _seen_key(model: str) -> str:
    return f"model_seen:{model}"
