"""Failed sign-ins by password: two lanes, so that a stranger's failures never lock out a trusted device.

A trusted device has a bucket of its own. Everybody else is counted for what they typed and where they are, known
or not, and, without a word, for the account: past its day's number every password is wrong.
"""

from dataclasses import dataclass

from adapters.area_resources import AuthResources
from api.access.request_limits import RequestLimits
from domain.auth.errors import AccountThrottled
from domain.rate_limits import Bucket, Verdict
from domain.users.users import User


@dataclass(frozen=True)
class Lane:
    """The buckets that one attempt is counted in; `silent` is that of the account, if there is one."""

    visible: tuple[Bucket, ...]
    silent: Bucket | None = None


@dataclass(frozen=True)
class LoginThrottle:
    resources: AuthResources
    limits: RequestLimits

    async def enter(self, typed_key: str, user: User | None, *, trusted_fingerprint: str | None) -> Lane:
        """The lane of this attempt, by the device if the account trusts it. Raises AccountThrottled while it is full.

        The same reads for a name that no account has.
        """
        lane = self._lane(typed_key, user, trusted_fingerprint)
        await self.require_room(lane)
        return lane

    async def require_room(self, lane: Lane) -> None:
        """Asked again after a right password: of many guesses at once those after the fifth failure are void too."""
        _require(await self.limits.look(*lane.visible))

    async def is_capped(self, lane: Lane) -> bool:
        """Whether the account has seen so many failures today that no password is right for strangers."""
        return lane.silent is not None and await self.limits.is_full(lane.silent)

    async def failed(self, lane: Lane) -> None:
        """Count it. Raises AccountThrottled if others have filled the lane meanwhile."""
        if lane.silent:
            await self.limits.count_quietly(lane.silent)
        _require(await self.limits.count(*lane.visible))

    def _lane(self, typed_key: str, user: User | None, trusted_fingerprint: str | None) -> Lane:
        limits, policies = self.limits, self.limits.policies
        if user and trusted_fingerprint:
            return Lane((limits.bucket(policies.login_device, user.user_id, trusted_fingerprint),))
        target = limits.bucket(policies.login_target, typed_key, limits.address_prefix)
        silent = limits.bucket(policies.login_account, user.user_id) if user else None
        return Lane((target, limits.of_address(policies.login_address)), silent)


def _require(verdict: Verdict | None) -> None:
    if verdict and not verdict.is_allowed:
        raise AccountThrottled(retry_after=verdict.retry_after)
