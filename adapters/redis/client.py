"""The Redis client. Redis is the truth for nothing: everything in it may vanish and only cost time."""

from redis.asyncio import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

REDIS_TIMEOUT_SECONDS = 0.5


def open_redis(url: str) -> Redis:
    """A client that connects when first used and never waits longer than half a second."""
    return Redis.from_url(
        url,
        socket_timeout=REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
    )


async def ping(redis: Redis) -> None:
    """One round trip. Raises the driver's error."""
    await redis.exists("ping")
