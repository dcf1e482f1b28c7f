"""Failed sign-ins by password: two lanes, so that a stranger's failures never lock out a trusted device.

A trusted device has a bucket of its own. Everybody else is counted for what they typed and where they are, known
or not, and, without a word, for the account: past its day's number every password is wrong.
"""

from dataclasses import dataclass

from adapters.area_resources import AuthResources
from api.access.request_limits import RequestLimits
from domain.auth.errors import AccountThrottled
from domain.rate_limits import Bucket, LimitDecision
from domain.users.users import User


@dataclass(frozen=True)
class ThrottleBuckets:
    """The buckets that one attempt is counted in; `silent` is that of the account, if there is one."""

    visible: tuple[Bucket, ...]
    silent: Bucket | None = None


@dataclass(frozen=True)
class LoginThrottle:
    resources: AuthResources
    limits: RequestLimits

    async def check(self, typed_key: str, user: User | None, *, trusted_fingerprint: str | None) -> ThrottleBuckets:
        """The lane of this attempt, by the device if the account trusts it. Raises AccountThrottled while it is full.

        The same reads for a name that no account has.
        """
        buckets = self._buckets(typed_key, user, trusted_fingerprint)
        await self.require_capacity(buckets)
        return buckets

    async def require_capacity(self, buckets: ThrottleBuckets) -> None:
        """Asked again after a right password: of many guesses at once those after the fifth failure are void too."""
        _require_allowed(await self.limits.peek(*buckets.visible))

    async def is_account_capped(self, buckets: ThrottleBuckets) -> bool:
        """Whether the account has seen so many failures today that no password is right for strangers."""
        return buckets.silent is not None and await self.limits.is_full(buckets.silent)

    async def record_failure(self, buckets: ThrottleBuckets) -> None:
        """Count it. Raises AccountThrottled if others have filled the lane meanwhile."""
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
