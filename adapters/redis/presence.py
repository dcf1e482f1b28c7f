"""Who holds a socket open: a sorted set per user, socket → last sign of life. What nobody renews is soon stale.

A socket's name begins with its process, which gives signs of life of its own: one tells of all its sockets.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from redis.asyncio import Redis

STALE_AFTER = timedelta(seconds=90)
BEAT_SECONDS = 20.0
LIVE_SECONDS = 5.0
MISSED = timedelta(seconds=2 * LIVE_SECONDS + 5)
"""A process that was silent for so long has died: its sockets hold nobody's place."""
PROCESSES = "socket_processes"
AT_ONCE = 500

# KEYS: the set, the processes. ARGV: the socket, now, what is stale, which processes are dead, how many places there
# are, seconds to keep, this process.
ENTER = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[4])
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[7])
local taken = 0
for _, socket in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if redis.call('ZSCORE', KEYS[2], string.match(socket, '^[^:]*')) then taken = taken + 1 end
end
if taken >= tonumber(ARGV[5]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[6])
return 1
"""


class Presence:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._process = secrets.token_hex(6)
        self._enter = redis.register_script(ENTER)

    async def is_online(self, user_id: str, now: datetime) -> bool:
        """Whether any socket of the user gave a sign of life within 90 s."""
        oldest = (now - STALE_AFTER).timestamp()
        return bool(await self._redis.zcount(_key(user_id), oldest, "+inf"))

    async def enter(self, user_id: str, socket_id: str, now: datetime, *, most: int) -> bool:
        """Take a place for the socket. False when the user's sockets, on all gateways, have taken all."""
        times = [moment.timestamp() for moment in (now, now - STALE_AFTER, now - MISSED)]
        seconds = int(STALE_AFTER.total_seconds())
        args: list[str | float] = [self._named(socket_id), *times, most, seconds, self._process]
        return bool(await self._enter(keys=[_key(user_id), PROCESSES], args=args))

    async def leave(self, user_id: str, socket_id: str) -> None:
        await self._redis.zrem(_key(user_id), self._named(socket_id))

    async def live(self, now: datetime) -> None:
        """This process is still there: its sockets keep their places. One command."""
        await self._redis.zadd(PROCESSES, {self._process: now.timestamp()})

    async def beat(self, sockets: Iterable[tuple[str, str]], now: datetime) -> None:
        """These sockets, each with its user, are still there."""
        async with self._redis.pipeline(transaction=False) as pipeline:
            for user_id, socket_id in sockets:
                pipeline.zadd(_key(user_id), {self._named(socket_id): now.timestamp()})
                pipeline.expire(_key(user_id), STALE_AFTER)
            await pipeline.execute()

    def _named(self, socket_id: str) -> str:
        return f"{self._process}:{socket_id}"


def _key(user_id: str) -> str:
    return f"user_sockets:{user_id}"
