"""Sliding-window rate limits: a sorted set of hits per bucket, read and changed atomically by one script.

While Redis is unavailable each process counts for itself: a limit then applies per process and is never off.
"""

import logging
from collections.abc import Sequence
from typing import NamedTuple

from redis.asyncio import Redis
from redis.exceptions import RedisError

from adapters.batching import Batches
from adapters.redis.local_limits import Clock, LocalLimits
from adapters.redis.outage import RedisOutage
from domain.rate_limits import Bucket, BucketUsage, LimitDecision, decide_limit

# KEYS: the buckets. ARGV: the time in ms (empty: the server's time, one clock for all processes), the member, `take`
# or `look`, then count and window in ms of each bucket. A refused hit is not stored. Returns is_allowed, is_repeat,
# then used and frees_in_ms of each bucket.
SCRIPT = """
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local member, takes = ARGV[2], ARGV[3] == 'take'
local has_room, is_repeat = true, true
for i, key in ipairs(KEYS) do
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - tonumber(ARGV[2 * i + 3]))
  has_room = has_room and redis.call('ZCARD', key) < tonumber(ARGV[2 * i + 2])
  is_repeat = is_repeat and redis.call('ZSCORE', key, member)
end
local answer = { (has_room or is_repeat) and 1 or 0, is_repeat and 1 or 0 }
for i, key in ipairs(KEYS) do
  local window = tonumber(ARGV[2 * i + 3])
  if takes and has_room and not is_repeat then
    redis.call('ZADD', key, 'NX', now, member)
    redis.call('PEXPIRE', key, window)
  end
  local oldest = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
  table.insert(answer, redis.call('ZCARD', key))
  table.insert(answer, oldest[2] and tonumber(oldest[2]) + window - now or 0)
end
return answer
"""

logger = logging.getLogger("decode.limits")


class ScriptRun(NamedTuple):
    """KEYS and ARGV of one run of the script."""

    keys: Sequence[str]
    arguments: Sequence[str | int]


class RateLimits:
    """Counts hits in Redis, or in `local` while Redis is unavailable. `clock` replaces the server's clock in tests.

    Hits that come together are counted one after the other in one round trip, each by a run of the script of its own.
    """

    def __init__(self, redis: Redis, local: LocalLimits, clock: Clock | None = None) -> None:
        self._redis = redis
        self._script_sha = redis.register_script(SCRIPT).sha
        self._local = local
        self._clock = clock
        self._outage = RedisOutage()
        self._batches = Batches(self._run_all)

    async def count_hit(self, buckets: Sequence[Bucket], member: str) -> LimitDecision:
        """Count one hit in all buckets, or in none if one of them is full. A repeated `member` is counted once.

        One round trip. Never raises for Redis: `local` decides while Redis is unavailable.
        """
        return await self._evaluate(buckets, member, "take") or await self._local.count_hit(buckets, member)

    async def peek(self, buckets: Sequence[Bucket], member: str) -> LimitDecision:
        """Return the decision that `count_hit` would return, without counting."""
        return await self._evaluate(buckets, member, "look") or await self._local.peek(buckets, member)

    async def _evaluate(self, buckets: Sequence[Bucket], member: str, operation: str) -> LimitDecision | None:
        """Run the script with `operation` `take` or `look`. Returns None while Redis is unavailable."""
        now = str(self._clock()) if self._clock else ""
        rates = [number for bucket in buckets for number in (bucket.policy.count, _window_ms(bucket))]
        run = ScriptRun([bucket.name for bucket in buckets], [now, member, operation, *rates])
        row = await self._batches.run(run)
        if row is None:
            return None
        usages = [BucketUsage(*pair) for pair in zip(row[2::2], row[3::2], strict=True)]
        return decide_limit(buckets, usages, is_allowed=bool(row[0]), is_repeat=bool(row[1]))

    async def _run_all(self, runs: Sequence[ScriptRun]) -> Sequence[list[int] | None]:
        """Return the row of each run, or None for all while Redis is unavailable."""
        if self._outage.is_under_way():
            return [None] * len(runs)
        try:
            return await self._round_trip(runs)
        except (RedisError, OSError) as error:
            facts = {"dependency": "redis", "error": type(error).__name__}
            logger.warning("redis is away, this process counts for itself", extra=facts)
            self._outage.record()
            return [None] * len(runs)

    async def _round_trip(self, runs: Sequence[ScriptRun]) -> Sequence[list[int]]:
        """Return the row of each run. The first brings the script, so that Redis has it for the others. A run alone
        needs no pipeline, which would cost it a third more.
        """
        first, *others = runs
        if not others:
            return [await self._redis.eval(SCRIPT, len(first.keys), *first.keys, *first.arguments)]
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.eval(SCRIPT, len(first.keys), *first.keys, *first.arguments)
        for run in others:
            pipeline.evalsha(self._script_sha, len(run.keys), *run.keys, *run.arguments)
        rows: list[list[int]] = await pipeline.execute()
        return rows


def _window_ms(bucket: Bucket) -> int:
    return int(bucket.policy.window.total_seconds() * 1000)
