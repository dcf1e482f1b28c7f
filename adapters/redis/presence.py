"""Who holds a socket open: a sorted set per user, socket id → last heartbeat."""

from datetime import datetime, timedelta

from redis.asyncio import Redis

STALE_AFTER = timedelta(seconds=90)


class Presence:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def is_online(self, user_id: str, now: datetime) -> bool:
        """Whether any socket of the user gave a sign of life within 90 s."""
        oldest = (now - STALE_AFTER).timestamp()
        return bool(await self._redis.zcount(f"user_sockets:{user_id}", oldest, "+inf"))
