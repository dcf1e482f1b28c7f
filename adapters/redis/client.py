"""The Redis client. Redis is the source of truth for nothing: losing its data costs time only."""

from redis.asyncio import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from adapters.driver_patch import patch_driver_waits

REDIS_TIMEOUT_SECONDS = 0.5


def open_redis(url: str) -> Redis:
    """Return a client that connects on first use, waits at most 0.5 s for a reply, and does not retry."""
    patch_driver_waits()
    return Redis.from_url(
        url,
        socket_timeout=REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
    )


async def ping(redis: Redis) -> None:
    """Check the connection with one round trip. Raises the driver's errors."""
    await redis.exists("ping")
