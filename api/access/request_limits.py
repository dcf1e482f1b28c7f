"""One request before the limits: what it is counted under, and what it is told of its limits."""

import re
import secrets
from collections.abc import Mapping
from typing import Any

from fastapi import Request

from adapters.crypto.hashes import KeyedHashes
from adapters.redis.rate_limits import RateLimits
from adapters.resources import Resources
from domain.client_network import client_network
from domain.errors import RateLimited
from domain.rate_limits import Bucket, LimitDecision, Policy, RateLimitPolicies

SEEN_ATTRIBUTE = "limits_seen"
DECISION_ATTRIBUTE = "limits_verdict"
"""Both in the request's state, where the middleware finds them."""

HEADER_PREFIXES = ("RateLimit", "X-RateLimit")
HEADERS = tuple(f"{family}-{fact}" for family in HEADER_PREFIXES for fact in ("Limit", "Remaining", "Reset"))
_KEY = re.compile(r"[A-Za-z0-9._-]{8,128}")


class RequestLimits:
    """Counts this request. Its answer tells of the limit that was asked last."""

    def __init__(self, request: Request, rates: RateLimits, policies: RateLimitPolicies, hashes: KeyedHashes) -> None:
        self._request = request
        self._rates = rates
        self._hashes = hashes
        self.policies = policies
        self.client_network = client_network(request.client.host if request.client else "")

    @property
    def address_key(self) -> str:
        """Stands for the caller's network where it travels and is kept; empty when limits are off."""
        return self._hashes.bucket_key("network", self.client_network) if self.policies.is_enabled else ""

    def network_bucket(self, policy: Policy) -> Bucket:
        return self.bucket(policy, "address", self.client_network)

    def bucket(self, policy: Policy, *identifiers: str) -> Bucket:
        """`identifiers` is hashed: no key names an address, a person or what was typed."""
        return Bucket(policy, self._hashes.bucket_key(*identifiers))

    def exempt(self) -> None:
        """Nothing limits this request, whatever comes of it."""
        setattr(self._request.state, SEEN_ATTRIBUTE, True)

    async def enforce(self, *buckets: Bucket) -> None:
        """Count the request, or raise RateLimited. A repeat is not counted again, but has a limit of its own:
        it costs as much work as the first.
        """
        decision = await self.count(*buckets)
        if decision and decision.is_repeat:
            await self._count_repeat(self.network_bucket(self.policies.repeats), member=secrets.token_hex(8))
        elif decision and not decision.is_allowed:
            raise RateLimited(retry_after=decision.retry_after)

    async def enforce_default(self) -> None:
        """Count a refusal that came before any limit, such as a bad token or an unknown route, for its address."""
        if not getattr(self._request.state, SEEN_ATTRIBUTE, False):
            await self._count_repeat(self.network_bucket(self.policies.std), member=secrets.token_hex(8))

    async def count(self, *buckets: Bucket) -> LimitDecision | None:
        """What the buckets say, with this request counted if they have room. None: limits are off."""
        if not self.policies.is_enabled:
            return None
        return self._remember(await self._rates.count_hit(buckets, await self._member()))

    async def count_silently(self, *buckets: Bucket) -> None:
        """Count without a word to the caller."""
        if self.policies.is_enabled:
            await self._rates.count_hit(buckets, await self._member())

    async def peek(self, *buckets: Bucket) -> LimitDecision | None:
        """What the buckets say. None: limits are off."""
        if not self.policies.is_enabled:
            return None
        return self._remember(await self._rates.peek(buckets, await self._member()))

    async def is_full(self, bucket: Bucket) -> bool:
        """Whether it is, without a word to the caller."""
        return self.policies.is_enabled and not (await self._rates.peek([bucket], await self._member())).is_allowed

    async def _count_repeat(self, bucket: Bucket, *, member: str) -> None:
        if not self.policies.is_enabled:
            return
        decision = self._remember(await self._rates.count_hit([bucket], member))
        if not decision.is_allowed:
            raise RateLimited(retry_after=decision.retry_after)

    async def _member(self) -> str:
        """The same for a repeat: same key, same path, same body, byte for byte."""
        key = self._request.headers.get("idempotency-key", "")
        if self._request.method != "POST" or not _KEY.fullmatch(key):
            return secrets.token_hex(8)
        body = (await self._request.body()).decode(errors="replace")
        return self._hashes.bucket_key("repeat", self._request.url.path, key, body)

    def _remember(self, decision: LimitDecision) -> LimitDecision:
        setattr(self._request.state, SEEN_ATTRIBUTE, True)
        setattr(self._request.state, DECISION_ATTRIBUTE, decision)
        return decision


def limits_of(request: Request) -> RequestLimits:
    resources: Resources = request.app.state.resources
    return RequestLimits(request, resources.rate_limits, resources.policies, resources.hashes)


def limit_headers(state: Mapping[str, Any]) -> dict[str, str]:
    """What an answer tells of its limit; nothing where none was asked."""
    decision: LimitDecision | None = state.get(DECISION_ATTRIBUTE)
    if decision is None:
        return {}
    facts = (decision.policy.count, decision.remaining, decision.reset_seconds)
    return dict(zip(HEADERS, map(str, facts * len(HEADER_PREFIXES)), strict=True))
