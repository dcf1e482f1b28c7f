"""Open sockets: a sorted set per user, socket → last heartbeat in Unix seconds. An entry not renewed becomes stale.

A socket's name begins with the id of its process. Each process has a heartbeat of its own, which covers all its
sockets, of every kind.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from redis.asyncio import Redis
from redis.exceptions import RedisError

from adapters.batching import Batches

SOCKET_TTL = timedelta(seconds=90)
HEARTBEAT_SECONDS = 20.0
PROCESS_HEARTBEAT_SECONDS = 5.0
PROCESS_TTL = timedelta(seconds=2 * PROCESS_HEARTBEAT_SECONDS + 5)
"""A process without a heartbeat for this long counts as dead: its sockets no longer count against a user's limit."""
PROCESSES = "socket_processes"
MAX_SOCKETS_PER_PIPELINE = 500
USER_SOCKETS = "user_sockets"
"""The kind of the sockets that show users as online."""

# KEYS: the user's set, the processes. ARGV: the socket, now, the time up to which sockets are stale, the time up to
# which processes are dead, the maximum of sockets, the key's TTL in seconds, this process.
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
    """Registers the sockets of one kind in this process and answers whether a user has any. Raises the driver's errors.

    `kind`: the prefix of the keys, each of which ends with the id of a user, and is one of USER_KEYS (erasure.py), or
    of a chat. `process`: the id of this process.
    """

    def __init__(self, redis: Redis, kind: str, process: str) -> None:
        self._redis = redis
        self._kind = kind
        self._process = process
        self._enter = redis.register_script(ENTER)
        self._live_sockets = Batches(self._count_sockets)

    async def is_online(self, user_id: str, now: datetime) -> bool:
        """Whether any socket of the user had a heartbeat within SOCKET_TTL (90 s)."""
        return await self._live_sockets.run((user_id, now - SOCKET_TTL)) > 0

    async def try_is_online(self, user_id: str, now: datetime) -> bool:
        """Whether `is_online`. Returns False instead of raising when Redis is unavailable."""
        try:
            return await self.is_online(user_id, now)
        except (RedisError, OSError):
            return False

    async def add_socket(self, user_id: str, socket_id: str, now: datetime, *, max_sockets: int) -> bool:
        """Register the socket. Returns False when the user has `max_sockets` open already, on all gateways together."""
        times = [moment.timestamp() for moment in (now, now - SOCKET_TTL, now - PROCESS_TTL)]
        seconds = int(SOCKET_TTL.total_seconds())
        args: list[str | float] = [self._named(socket_id), *times, max_sockets, seconds, self._process]
        return bool(await self._enter(keys=[self._key(user_id), PROCESSES], args=args))

    async def remove_socket(self, user_id: str, socket_id: str) -> None:
        """Unregister a closed socket of this process."""
        await self._redis.zrem(self._key(user_id), self._named(socket_id))

    async def renew_process(self, now: datetime) -> None:
        """Record a heartbeat of this process, so that its sockets keep counting, of every kind. One command."""
        await self._redis.zadd(PROCESSES, {self._process: now.timestamp()})

    async def renew_sockets(self, sockets: Sequence[tuple[str, str]], now: datetime) -> None:
        """Record heartbeats of these (user id, socket id) pairs, in pipelines of MAX_SOCKETS_PER_PIPELINE."""
        for start in range(0, len(sockets), MAX_SOCKETS_PER_PIPELINE):
            async with self._redis.pipeline(transaction=False) as pipeline:
                for user_id, socket_id in sockets[start : start + MAX_SOCKETS_PER_PIPELINE]:
                    pipeline.zadd(self._key(user_id), {self._named(socket_id): now.timestamp()})
                    pipeline.expire(self._key(user_id), SOCKET_TTL)
                await pipeline.execute()

    async def _count_sockets(self, asked: Sequence[tuple[str, datetime]]) -> Sequence[int]:
        """Return how many sockets of each user had a heartbeat since its time, in one pipeline."""
        async with self._redis.pipeline(transaction=False) as pipeline:
            for user_id, oldest in asked:
                pipeline.zcount(self._key(user_id), oldest.timestamp(), "+inf")
            return await pipeline.execute()

    def _named(self, socket_id: str) -> str:
        return f"{self._process}:{socket_id}"

    def _key(self, user_id: str) -> str:
        return f"{self._kind}:{user_id}"
