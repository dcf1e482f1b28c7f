"""What both limiters promise, the one in Redis and the one in the process; and how the first falls back."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
from redis.asyncio.client import Pipeline

from adapters.redis.client import open_redis
from adapters.redis.local_limits import LocalLimits
from adapters.redis.rate_limits import RateLimits
from adapters.resources import Resources
from domain.rate_limits import Bucket, Policy

Limiter = RateLimits | LocalLimits
NOTHING_LISTENS = "redis://127.0.0.1:1/0"


class Clock:
    def __init__(self) -> None:
        self.now_ms = 1_800_000_000_000

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["redis", "local"])
def limiter(request: pytest.FixtureRequest, clock: Clock) -> Limiter:
    if request.param == "local":
        return LocalLimits(clock)
    resources: Resources = request.getfixturevalue("resources")
    return RateLimits(resources.clients.redis, LocalLimits(max_buckets=0), clock)


def bucket(count: int, seconds: int = 60) -> Bucket:
    return Bucket(Policy("test", count, timedelta(seconds=seconds)), secrets.token_hex(8))


async def hits(limiter: Limiter, *buckets: Bucket, times: int) -> list[bool]:
    return [(await limiter.count_hit(buckets, secrets.token_hex(8))).is_allowed for _ in range(times)]


async def test_as_many_as_promised_pass(limiter: Limiter) -> None:
    assert await hits(limiter, bucket(3), times=5) == [True, True, True, False, False]


@pytest.mark.defect(94)
async def test_remaining_counts_down(limiter: Limiter) -> None:
    three = bucket(3)

    verdicts = [await limiter.count_hit([three], secrets.token_hex(8)) for _ in range(4)]

    assert [verdict.remaining for verdict in verdicts] == [2, 1, 0, 0]


async def test_window_slides(limiter: Limiter, clock: Clock) -> None:
    two = bucket(2, seconds=60)
    await hits(limiter, two, times=1)
    clock.now_ms += 40_000
    await hits(limiter, two, times=1)
    clock.now_ms += 20_000

    assert await hits(limiter, two, times=2) == [True, False]


@pytest.mark.defect(33)
async def test_refused_hits_do_not_extend_the_window(limiter: Limiter, clock: Clock) -> None:
    one = bucket(1, seconds=60)
    await hits(limiter, one, times=1)
    clock.now_ms += 59_999
    await hits(limiter, one, times=9)
    clock.now_ms += 1

    assert await hits(limiter, one, times=1) == [True]


async def test_reset_is_when_the_oldest_hit_falls_out(limiter: Limiter, clock: Clock) -> None:
    one = bucket(1, seconds=60)
    await hits(limiter, one, times=1)
    clock.now_ms += 45_500

    assert (await limiter.count_hit([one], "again")).reset_seconds == 15


async def test_empty_bucket_resets_at_once(limiter: Limiter) -> None:
    verdict = await limiter.peek([bucket(3)], "a key")

    assert (verdict.is_allowed, verdict.remaining, verdict.reset_seconds) == (True, 3, 0)


async def test_looking_does_not_count(limiter: Limiter) -> None:
    one = bucket(1)
    looks = [(await limiter.peek([one], secrets.token_hex(8))).is_allowed for _ in range(3)]

    assert looks == [True, True, True]
    assert await hits(limiter, one, times=2) == [True, False]
    assert not (await limiter.peek([one], "a key")).is_allowed


async def test_member_counts_once(limiter: Limiter) -> None:
    two = bucket(2)
    verdicts = [await limiter.count_hit([two], "the same") for _ in range(5)]

    assert [verdict.is_repeat for verdict in verdicts] == [False, True, True, True, True]
    assert await hits(limiter, two, times=2) == [True, False]


async def test_repeat_passes_a_full_bucket(limiter: Limiter) -> None:
    two = bucket(2)
    await limiter.count_hit([two], "the same")
    await hits(limiter, two, times=3)

    assert (await limiter.count_hit([two], "the same")).is_allowed


async def test_keys_are_apart(limiter: Limiter) -> None:
    await hits(limiter, bucket(1), times=2)

    assert await hits(limiter, bucket(1), times=1) == [True]


async def test_a_full_bucket_spares_the_other(limiter: Limiter) -> None:
    one, two = bucket(1), bucket(2)
    await hits(limiter, one, two, times=4)

    assert await hits(limiter, two, times=2) == [True, False]


@pytest.mark.defect(95)
async def test_hundred_parallel_hits_count_exactly(limiter: Limiter) -> None:
    thirty = bucket(30)

    verdicts = await asyncio.gather(*(limiter.count_hit([thirty], secrets.token_hex(8)) for _ in range(100)))

    assert sum(verdict.is_allowed for verdict in verdicts) == 30


@pytest.fixture
def round_trips(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many commands each round trip has that is made while the test runs."""
    sizes: list[int] = []
    execute = Pipeline.execute

    async def counted(pipeline: Pipeline) -> list[object]:
        sizes.append(len(pipeline))
        return await execute(pipeline)

    monkeypatch.setattr(Pipeline, "execute", counted)
    return sizes


async def test_hits_that_come_together_take_one_round_trip(resources: Resources, round_trips: list[int]) -> None:
    two, one = bucket(2), bucket(1)
    limits = resources.rate_limits

    decisions = await asyncio.gather(*(limits.count_hit([each], secrets.token_hex(8)) for each in (two, one, two, one)))

    assert [decision.is_allowed for decision in decisions] == [True, True, True, False]
    assert [decision.remaining for decision in decisions] == [1, 0, 0, 0]
    assert round_trips == [4]


async def test_redis_that_has_lost_the_script_counts_exactly(resources: Resources) -> None:
    three = bucket(3)
    await resources.clients.redis.script_flush()

    decisions = await asyncio.gather(
        *(resources.rate_limits.count_hit([three], secrets.token_hex(8)) for _ in range(5))
    )

    assert [decision.is_allowed for decision in decisions] == [True, True, True, False, False]


async def test_redis_forgets_a_bucket_with_its_window(resources: Resources) -> None:
    one = bucket(1, seconds=900)
    await resources.rate_limits.count_hit([one], "a key")

    assert 899_000 < await resources.clients.redis.pttl(one.name) <= 900_000


async def test_clock_of_the_server_is_used(resources: Resources) -> None:
    one = bucket(1, seconds=900)
    await resources.rate_limits.count_hit([one], "a key")

    assert (await resources.rate_limits.peek([one], "another")).reset_seconds == 900


@pytest.fixture
async def lonely(clock: Clock) -> AsyncIterator[Callable[[int], RateLimits]]:
    """Makes limiters without a Redis, with so many buckets in memory."""
    redis = open_redis(NOTHING_LISTENS)
    yield lambda most: RateLimits(redis, LocalLimits(clock, max_buckets=most))
    await redis.aclose()


async def test_limit_holds_without_redis(lonely: Callable[[int], RateLimits]) -> None:
    assert await hits(lonely(10), bucket(2), times=4) == [True, True, False, False]


async def test_limit_holds_for_hits_that_come_together_without_redis(
    lonely: Callable[[int], RateLimits], caplog: pytest.LogCaptureFixture
) -> None:
    limits, two = lonely(10), bucket(2)

    decisions = await asyncio.gather(*(limits.count_hit([two], secrets.token_hex(8)) for _ in range(5)))

    assert sorted(decision.is_allowed for decision in decisions) == [False, False, False, True, True]
    assert [record.message for record in caplog.records] == ["redis is away, this process counts for itself"]


async def test_memory_is_bounded(clock: Clock) -> None:
    local = LocalLimits(clock, max_buckets=2)
    first, second, third = bucket(1), bucket(1), bucket(1)
    await hits(local, first, times=1)
    await hits(local, second, times=1)
    await hits(local, third, times=1)

    assert await hits(local, third, times=1) == [False]
    assert await hits(local, first, times=1) == [True]
