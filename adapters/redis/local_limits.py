"""Rate limits counted in this process, for the time in which Redis is unavailable. Memory is bounded."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

from domain.rate_limits import Bucket, BucketUsage, LimitDecision, decide_limit

Clock = Callable[[], int]
"""Milliseconds since 1970."""

MAX_BUCKETS = 10_000
"""Beyond this the least recently used bucket is evicted. A refused hit creates no bucket, so filling the memory takes
some thousand client networks.
"""


def wall_clock() -> int:
    """Return the current time in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class LocalLimits:
    """Sliding windows in memory, with the same decisions as the Redis script. `clock` is replaced in tests."""

    def __init__(self, clock: Clock = wall_clock, *, max_buckets: int = MAX_BUCKETS) -> None:
        self._clock = clock
        self._max_buckets = max_buckets
        self._hits: OrderedDict[str, dict[str, int]] = OrderedDict()

    async def count_hit(self, buckets: Sequence[Bucket], member: str) -> LimitDecision:
        """Count one hit in all buckets, or in none if one of them is full. A repeated `member` is counted once."""
        return self._evaluate(buckets, member, takes=True)

    async def peek(self, buckets: Sequence[Bucket], member: str) -> LimitDecision:
        """Return the decision that `count_hit` would return, without counting."""
        return self._evaluate(buckets, member, takes=False)

    def _evaluate(self, buckets: Sequence[Bucket], member: str, *, takes: bool) -> LimitDecision:
        now = self._clock()
        current = [self._current_hits(bucket, now) for bucket in buckets]
        is_repeat = all(member in hits for hits in current)
        has_room = all(len(hits) < bucket.policy.count for bucket, hits in zip(buckets, current, strict=True))
        if takes and has_room and not is_repeat:
            for bucket, hits in zip(buckets, current, strict=True):
                hits.setdefault(member, now)
                self._store(bucket, hits)
        usages = [_usage(bucket, hits, now) for bucket, hits in zip(buckets, current, strict=True)]
        return decide_limit(buckets, usages, is_allowed=has_room or is_repeat, is_repeat=is_repeat)

    def _current_hits(self, bucket: Bucket, now: int) -> dict[str, int]:
        """Return the hits within the window, time in ms by member, oldest first."""
        hits = self._hits.get(bucket.name, {})
        oldest = now - _window_ms(bucket)
        for member in [member for member, at in hits.items() if at <= oldest]:
            del hits[member]
        return hits

    def _store(self, bucket: Bucket, hits: dict[str, int]) -> None:
        self._hits[bucket.name] = hits
        self._hits.move_to_end(bucket.name)
        if len(self._hits) > self._max_buckets:
            self._hits.popitem(last=False)


def _window_ms(bucket: Bucket) -> int:
    return int(bucket.policy.window.total_seconds() * 1000)


def _usage(bucket: Bucket, hits: dict[str, int], now: int) -> BucketUsage:
    oldest = next(iter(hits.values()), None)
    return BucketUsage(len(hits), 0 if oldest is None else oldest + _window_ms(bucket) - now)
