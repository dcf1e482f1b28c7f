"""Who holds a socket open: a sorted set per user, socket → last sign of life. What nobody renews is soon stale.

A socket's name begins with its process, which gives signs of life of its own: one tells of all its sockets.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from redis.asyncio import Redis

SOCKET_TTL = timedelta(seconds=90)
HEARTBEAT_SECONDS = 20.0
PROCESS_HEARTBEAT_SECONDS = 5.0
PROCESS_TTL = timedelta(seconds=2 * PROCESS_HEARTBEAT_SECONDS + 5)
"""A process that was silent for so long has died: its sockets hold nobody's place."""
PROCESSES = "socket_processes"
MAX_SOCKETS_PER_PIPELINE = 500

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
        oldest = (now - SOCKET_TTL).timestamp()
        return bool(await self._redis.zcount(_key(user_id), oldest, "+inf"))

    async def add_socket(self, user_id: str, socket_id: str, now: datetime, *, max_sockets: int) -> bool:
        """Take a place for the socket. False when the user's sockets, on all gateways, have taken all."""
        times = [moment.timestamp() for moment in (now, now - SOCKET_TTL, now - PROCESS_TTL)]
        seconds = int(SOCKET_TTL.total_seconds())
        args: list[str | float] = [self._named(socket_id), *times, max_sockets, seconds, self._process]
        return bool(await self._enter(keys=[_key(user_id), PROCESSES], args=args))

    async def remove_socket(self, user_id: str, socket_id: str) -> None:
        await self._redis.zrem(_key(user_id), self._named(socket_id))

    async def renew_process(self, now: datetime) -> None:
        """This process is still there: its sockets keep their places. One command."""
        await self._redis.zadd(PROCESSES, {self._process: now.timestamp()})

    async def renew_sockets(self, sockets: Iterable[tuple[str, str]], now: datetime) -> None:
        """These sockets, each with its user, are still there."""
        async with self._redis.pipeline(transaction=False) as pipeline:
            for user_id, socket_id in sockets:
                pipeline.zadd(_key(user_id), {self._named(socket_id): now.timestamp()})
                pipeline.expire(_key(user_id), SOCKET_TTL)
            await pipeline.execute()

    def _named(self, socket_id: str) -> str:
        return f"{self._process}:{socket_id}"


def _key(user_id: str) -> str:
    return f"user_sockets:{user_id}"
