"""Counts hits in this process, for the time in which Redis is away. Its memory is bounded."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

from domain.rate_limits import Bucket, BucketUsage, LimitDecision, decide_limit

Clock = Callable[[], int]
"""Milliseconds since 1970."""

MAX_BUCKETS = 10_000
"""The bucket not touched for longest goes first. A refused caller makes no new one, so filling this takes
some thousand networks.
"""


def wall_clock() -> int:
    return time.time_ns() // 1_000_000


class LocalLimits:
    def __init__(self, clock: Clock = wall_clock, *, max_buckets: int = MAX_BUCKETS) -> None:
        self._clock = clock
        self._max_buckets = max_buckets
        self._hits: OrderedDict[str, dict[str, int]] = OrderedDict()

    async def count_hit(self, buckets: Sequence[Bucket], member: str) -> LimitDecision:
        """Count one hit in all buckets, or in none if one of them is full. A member counts once."""
        return self._evaluate(buckets, member, takes=True)

    async def peek(self, buckets: Sequence[Bucket], member: str) -> LimitDecision:
        """What `count_hit` would say, without counting."""
        return self._evaluate(buckets, member, takes=False)

    def _evaluate(self, buckets: Sequence[Bucket], member: str, *, takes: bool) -> LimitDecision:
        now = self._clock()
        alive = [self._alive(bucket, now) for bucket in buckets]
        is_repeat = all(member in hits for hits in alive)
        has_room = all(len(hits) < bucket.policy.count for bucket, hits in zip(buckets, alive, strict=True))
        if takes and has_room and not is_repeat:
            for bucket, hits in zip(buckets, alive, strict=True):
                hits.setdefault(member, now)
                self._keep(bucket, hits)
        usages = [_usage(bucket, hits, now) for bucket, hits in zip(buckets, alive, strict=True)]
        return decide_limit(buckets, usages, is_allowed=has_room or is_repeat, is_repeat=is_repeat)

    def _alive(self, bucket: Bucket, now: int) -> dict[str, int]:
        """The hits still within the window, oldest first."""
        hits = self._hits.get(bucket.name, {})
        oldest = now - _window_ms(bucket)
        for member in [member for member, at in hits.items() if at <= oldest]:
            del hits[member]
        return hits

    def _keep(self, bucket: Bucket, hits: dict[str, int]) -> None:
        self._hits[bucket.name] = hits
        self._hits.move_to_end(bucket.name)
        if len(self._hits) > self._max_buckets:
            self._hits.popitem(last=False)


def _window_ms(bucket: Bucket) -> int:
    return int(bucket.policy.window.total_seconds() * 1000)


def _usage(bucket: Bucket, hits: dict[str, int], now: int) -> BucketUsage:
    oldest = next(iter(hits.values()), None)
    return BucketUsage(len(hits), 0 if oldest is None else oldest + _window_ms(bucket) - now)
