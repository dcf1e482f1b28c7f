"""One request before the limits: what it is counted under, and what it is told of its limits."""

import re
import secrets
from collections.abc import Mapping
from typing import Any

from fastapi import Request

from adapters.crypto.hashes import Hashes
from adapters.redis.rate_limits import RateLimits
from adapters.resources import Resources
from domain.client_network import address_prefix
from domain.errors import RateLimited
from domain.rate_limits import Bucket, Policies, Policy, Verdict

SEEN = "limits_seen"
VERDICT = "limits_verdict"
"""Both in the request's state, where the middleware finds them."""

FAMILIES = ("RateLimit", "X-RateLimit")
HEADERS = tuple(f"{family}-{fact}" for family in FAMILIES for fact in ("Limit", "Remaining", "Reset"))
_KEY = re.compile(r"[A-Za-z0-9._-]{8,128}")


class RequestLimits:
    """Counts this request. Its answer tells of the limit that was asked last."""

    def __init__(self, request: Request, rates: RateLimits, policies: Policies, hashes: Hashes) -> None:
        self._request = request
        self._rates = rates
        self._hashes = hashes
        self.policies = policies
        self.address_prefix = address_prefix(request.client.host if request.client else "")

    @property
    def address_key(self) -> str:
        """Stands for the caller's network where it travels and is kept; empty when limits are off."""
        return self._hashes.bucket("network", self.address_prefix) if self.policies.is_on else ""

    def of_address(self, policy: Policy) -> Bucket:
        return self.bucket(policy, "address", self.address_prefix)

    def bucket(self, policy: Policy, *whom: str) -> Bucket:
        """`whom` is hashed: no key names an address, a person or what was typed."""
        return Bucket(policy, self._hashes.bucket(*whom))

    def spare(self) -> None:
        """Nothing limits this request, whatever comes of it."""
        setattr(self._request.state, SEEN, True)

    async def take(self, *buckets: Bucket) -> None:
        """Count the request, or raise RateLimited. A repeat is not counted again, but has a limit of its own:
        it costs as much work as the first.
        """
        verdict = await self.count(*buckets)
        if verdict and verdict.is_repeat:
            await self._rated(self.of_address(self.policies.repeats), member=secrets.token_hex(8))
        elif verdict and not verdict.is_allowed:
            raise RateLimited(retry_after=verdict.retry_after)

    async def take_unseen(self) -> None:
        """Count a refusal that came before any limit, such as a bad token or an unknown route, for its address."""
        if not getattr(self._request.state, SEEN, False):
            await self._rated(self.of_address(self.policies.std), member=secrets.token_hex(8))

    async def count(self, *buckets: Bucket) -> Verdict | None:
        """What the buckets say, with this request counted if they have room. None: limits are off."""
        if not self.policies.is_on:
            return None
        return self._told(await self._rates.take(buckets, await self._member()))

    async def count_quietly(self, *buckets: Bucket) -> None:
        """Count without a word to the caller."""
        if self.policies.is_on:
            await self._rates.take(buckets, await self._member())

    async def look(self, *buckets: Bucket) -> Verdict | None:
        """What the buckets say. None: limits are off."""
        if not self.policies.is_on:
            return None
        return self._told(await self._rates.look(buckets, await self._member()))

    async def is_full(self, bucket: Bucket) -> bool:
        """Whether it is, without a word to the caller."""
        return self.policies.is_on and not (await self._rates.look([bucket], await self._member())).is_allowed

    async def _rated(self, bucket: Bucket, *, member: str) -> None:
        if not self.policies.is_on:
            return
        verdict = self._told(await self._rates.take([bucket], member))
        if not verdict.is_allowed:
            raise RateLimited(retry_after=verdict.retry_after)

    async def _member(self) -> str:
        """The same for a repeat: same key, same path, same body, byte for byte."""
        key = self._request.headers.get("idempotency-key", "")
        if self._request.method != "POST" or not _KEY.fullmatch(key):
            return secrets.token_hex(8)
        body = (await self._request.body()).decode(errors="replace")
        return self._hashes.bucket("repeat", self._request.url.path, key, body)

    def _told(self, verdict: Verdict) -> Verdict:
        setattr(self._request.state, SEEN, True)
        setattr(self._request.state, VERDICT, verdict)
        return verdict


def limits_of(request: Request) -> RequestLimits:
    resources: Resources = request.app.state.resources
    return RequestLimits(request, resources.rate_limits, resources.policies, resources.hashes)


def limit_headers(state: Mapping[str, Any]) -> dict[str, str]:
    """What an answer tells of its limit; nothing where none was asked."""
    verdict: Verdict | None = state.get(VERDICT)
    if verdict is None:
        return {}
    facts = (verdict.policy.count, verdict.remaining, verdict.reset_seconds)
    return dict(zip(HEADERS, map(str, facts * len(FAMILIES)), strict=True))
