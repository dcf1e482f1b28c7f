"""Who holds a socket open: a sorted set per user, socket id → last sign of life. What nobody renews is soon stale."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from redis.asyncio import Redis

STALE_AFTER = timedelta(seconds=90)
BEAT_SECONDS = 20.0
MISSED = timedelta(seconds=2 * BEAT_SECONDS + 5)
"""A socket that was not renewed for so long holds nobody's place: its gateway has died."""
AT_ONCE = 500

# KEYS: the set. ARGV: the socket, now, what is stale, what holds no place, how many places there are, seconds to keep.
ENTER = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])
if redis.call('ZCOUNT', KEYS[1], ARGV[4], '+inf') >= tonumber(ARGV[5]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[6])
return 1
"""


class Presence:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._enter = redis.register_script(ENTER)

    async def is_online(self, user_id: str, now: datetime) -> bool:
        """Whether any socket of the user gave a sign of life within 90 s."""
        oldest = (now - STALE_AFTER).timestamp()
        return bool(await self._redis.zcount(_key(user_id), oldest, "+inf"))

    async def enter(self, user_id: str, socket_id: str, now: datetime, *, most: int) -> bool:
        """Take a place for the socket. False when the user's sockets, on all gateways, have taken all."""
        times = [moment.timestamp() for moment in (now, now - STALE_AFTER, now - MISSED)]
        seconds = int(STALE_AFTER.total_seconds())
        return bool(await self._enter(keys=[_key(user_id)], args=[socket_id, *times, most, seconds]))

    async def leave(self, user_id: str, socket_id: str) -> None:
        await self._redis.zrem(_key(user_id), socket_id)

    async def beat(self, sockets: Iterable[tuple[str, str]], now: datetime) -> None:
        """These sockets, each with its user, are still there."""
        async with self._redis.pipeline(transaction=False) as pipeline:
            for user_id, socket_id in sockets:
                pipeline.zadd(_key(user_id), {socket_id: now.timestamp()})
                pipeline.expire(_key(user_id), STALE_AFTER)
            await pipeline.execute()


def _key(user_id: str) -> str:
    return f"user_sockets:{user_id}"
