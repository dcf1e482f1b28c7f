"""Of several buckets the tightest speaks."""

from datetime import timedelta

import pytest

from domain.rate_limits import Bucket, BucketUsage, Policy, decide_limit

MINUTE = timedelta(minutes=1)
FIVE = Bucket(Policy("five", 5, MINUTE), "alice")
TEN = Bucket(Policy("ten", 10, MINUTE), "alice")


def test_bucket_is_named_after_policy_and_key() -> None:
    assert FIVE.name == "rate_limit:five:alice"


@pytest.mark.parametrize(
    ("five", "ten", "tightest", "remaining"),
    [(1, 2, "five", 4), (1, 8, "ten", 2), (5, 5, "five", 0), (0, 10, "ten", 0), (7, 0, "five", 0)],
)
def test_fewest_left_speaks(five: int, ten: int, tightest: str, remaining: int) -> None:
    verdict = decide_limit([FIVE, TEN], [BucketUsage(five, 1), BucketUsage(ten, 1)], is_allowed=True, is_repeat=False)

    assert (verdict.policy.name, verdict.remaining) == (tightest, remaining)


def test_of_two_full_ones_the_longer_wait_speaks() -> None:
    verdict = decide_limit(
        [FIVE, TEN], [BucketUsage(5, 1000), BucketUsage(10, 2000)], is_allowed=False, is_repeat=False
    )

    assert (verdict.policy.name, verdict.reset_seconds) == ("ten", 2)


@pytest.mark.parametrize(("frees_in_ms", "seconds"), [(0, 0), (1, 1), (1000, 1), (1001, 2)])
def test_seconds_are_rounded_up(frees_in_ms: int, seconds: int) -> None:
    verdict = decide_limit([FIVE], [BucketUsage(1, frees_in_ms)], is_allowed=True, is_repeat=False)

    assert verdict.reset_seconds == seconds
