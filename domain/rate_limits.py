"""Rate limits: the policies, and the decision about one more hit."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple


@dataclass(frozen=True)
class Policy:
    """At most `count` hits within any interval of length `window`."""

    name: str
    count: int
    window: timedelta


@dataclass(frozen=True)
class Bucket:
    """The hits of one policy for one `key`, the hash of an address prefix, a user or a target; never plain text."""

    policy: Policy
    key: str

    @property
    def name(self) -> str:
        """Key of the bucket in Redis and in memory."""
        return f"rate_limit:{self.policy.name}:{self.key}"


class BucketUsage(NamedTuple):
    """Hits in a bucket after the check, and ms until its oldest hit leaves the window (0 when it is empty)."""

    used: int
    frees_in_ms: int


@dataclass(frozen=True)
class LimitDecision:
    """The decision, with the numbers of the tightest bucket. `is_repeat`: this same hit was counted before."""

    policy: Policy
    is_allowed: bool
    is_repeat: bool
    remaining: int
    reset_seconds: int

    @property
    def retry_after(self) -> int:
        """Seconds a refused caller has to wait, at least 1."""
        return max(1, self.reset_seconds)


@dataclass(frozen=True)
class RateLimitPolicies:
    """All rate limits. `is_enabled` is False only where no limit is wanted, never in production.

    `mails` and `login_account` are not visible to the caller. `open_holds`: maximum of unverified registrations per
    address prefix.
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
    chat: Policy
    tools: Policy
    unknown_keys: Policy
    repeats: Policy
    mails: tuple[Policy, ...]
    open_holds: int


def decide_limit(
    buckets: Sequence[Bucket], usages: Sequence[BucketUsage], *, is_allowed: bool, is_repeat: bool
) -> LimitDecision:
    """Return the decision with the numbers of the tightest bucket: the fewest remaining hits, then the longest wait."""
    bucket, usage = min(
        zip(buckets, usages, strict=True),
        key=lambda pair: (max(0, pair[0].policy.count - pair[1].used), -pair[1].frees_in_ms),
    )
    remaining = max(0, bucket.policy.count - usage.used)
    return LimitDecision(bucket.policy, is_allowed, is_repeat, remaining, math.ceil(usage.frees_in_ms / 1000))
