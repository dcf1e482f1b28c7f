"""Limits: how often something may be done, and what a bucket says to one more try."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple


@dataclass(frozen=True)
class Policy:
    """At most `count` within any stretch of time as long as `window`."""

    name: str
    count: int
    window: timedelta


@dataclass(frozen=True)
class Bucket:
    """What one policy counts for one `key`: an address prefix, a person, a target; hashed, never in clear."""

    policy: Policy
    key: str

    @property
    def name(self) -> str:
        return f"rate_limit:{self.policy.name}:{self.key}"


class BucketUsage(NamedTuple):
    """What is in a bucket after the question, and when its oldest hit falls out (0: it is empty)."""

    used: int
    frees_in_ms: int


@dataclass(frozen=True)
class LimitDecision:
    """What the tightest of the buckets says. `is_repeat`: this very hit was counted before."""

    policy: Policy
    is_allowed: bool
    is_repeat: bool
    remaining: int
    reset_seconds: int

    @property
    def retry_after(self) -> int:
        """Seconds, at least one: for who is refused."""
        return max(1, self.reset_seconds)


@dataclass(frozen=True)
class RateLimitPolicies:
    """Every limit. `is_enabled` is false only where no limit is wanted, never in production.

    `mails` and `login_account` show nothing to the caller. `open_holds`: unproved registrations per address prefix.
    """

    is_enabled: bool
    std: Policy
    strict: Policy
    start_target: Policy
    start_address: Policy
    login_target: Policy
    login_address: Policy
    login_device: Policy
    login_account: Policy
    step_up: Policy
    repeats: Policy
    mails: tuple[Policy, ...]
    open_holds: int


def decide_limit(
    buckets: Sequence[Bucket], usages: Sequence[BucketUsage], *, is_allowed: bool, is_repeat: bool
) -> LimitDecision:
    """The tightest bucket speaks for all: the fewest left, and among those the longest to wait."""
    bucket, usage = min(
        zip(buckets, usages, strict=True),
        key=lambda pair: (max(0, pair[0].policy.count - pair[1].used), -pair[1].frees_in_ms),
    )
    remaining = max(0, bucket.policy.count - usage.used)
    return LimitDecision(bucket.policy, is_allowed, is_repeat, remaining, math.ceil(usage.frees_in_ms / 1000))
