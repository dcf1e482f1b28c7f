"""Throttling of failed password sign-ins: a stranger's failures never lock out a trusted device.

A trusted device has a bucket of its own. Other attempts are counted per typed identifier and network, whether or not
the account exists, per network, and silently per account: above the account's daily limit every password is wrong.
"""

from dataclasses import dataclass

from api.access.request_limits import RequestLimits
from domain.auth.errors import AccountThrottled
from domain.rate_limits import Bucket, LimitDecision
from domain.users.users import User


@dataclass(frozen=True)
class ThrottleBuckets:
    """The buckets of one attempt. `visible`: reported to the client; `silent`: the account's, if the account exists."""

    visible: tuple[Bucket, ...]
    silent: Bucket | None = None


@dataclass(frozen=True)
class LoginThrottle:
    """Counts the failed password sign-ins of one request."""

    limits: RequestLimits

    async def check(self, typed_key: str, user: User | None, *, trusted_fingerprint: str | None) -> ThrottleBuckets:
        """Return the buckets of this attempt: the device's own if the account trusts it.

        An unknown identifier costs the same reads as a known one. Raises AccountThrottled when a bucket is full.
        """
        buckets = self._buckets(typed_key, user, trusted_fingerprint)
        await self.require_capacity(buckets)
        return buckets

    async def require_capacity(self, buckets: ThrottleBuckets) -> None:
        """Raise AccountThrottled when a bucket is full.

        Call it again after a correct password: of parallel guesses, those after the fifth failure are refused too.
        """
        _require_allowed(await self.limits.peek(*buckets.visible))

    async def is_account_capped(self, buckets: ThrottleBuckets) -> bool:
        """Whether the account's daily limit is reached, so that on an untrusted device every password is wrong."""
        return buckets.silent is not None and await self.limits.is_full(buckets.silent)

    async def record_failure(self, buckets: ThrottleBuckets) -> None:
        """Count a failed attempt. Raises AccountThrottled if parallel attempts have filled the buckets meanwhile."""
        if buckets.silent:
            await self.limits.count_silently(buckets.silent)
        _require_allowed(await self.limits.count(*buckets.visible))

    def _buckets(self, typed_key: str, user: User | None, trusted_fingerprint: str | None) -> ThrottleBuckets:
        limits, policies = self.limits, self.limits.policies
        if user and trusted_fingerprint:
            return ThrottleBuckets((limits.bucket(policies.login_device, user.user_id, trusted_fingerprint),))
        target = limits.bucket(policies.login_target, typed_key, limits.client_network)
        silent = limits.bucket(policies.login_account, user.user_id) if user else None
        return ThrottleBuckets((target, limits.network_bucket(policies.login_address)), silent)


def _require_allowed(decision: LimitDecision | None) -> None:
    if decision and not decision.is_allowed:
        raise AccountThrottled(retry_after=decision.retry_after)
