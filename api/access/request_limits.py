"""Rate limits of one request: its buckets, its count, and the RateLimit headers of its response."""

import itertools
import re
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import Request

from adapters.crypto.keyed_hashes import KeyedHashes
from adapters.redis.rate_limits import RateLimits
from adapters.resources import Resources
from domain.client_network import client_network
from domain.errors import RateLimited
from domain.rate_limits import Bucket, LimitDecision, Policy, RateLimitPolicies

SEEN_ATTRIBUTE = "limits_seen"
DECISION_ATTRIBUTE = "limits_verdict"
"""Attributes of the request's state, which the middleware reads."""

HEADER_PREFIXES = ("RateLimit", "X-RateLimit")
HEADERS = tuple(f"{family}-{fact}" for family in HEADER_PREFIXES for fact in ("Limit", "Remaining", "Reset"))
_RAW_HEADERS = [name.lower().encode() for name in HEADERS]
_KEY = re.compile(r"[A-Za-z0-9._-]{8,128}")

_PROCESS_PREFIX = secrets.token_hex(8)
_hit_numbers = itertools.count()


class RequestLimits:
    """Counts this request. The response's headers describe the limit that was checked last."""

    def __init__(self, request: Request, rates: RateLimits, policies: RateLimitPolicies, hashes: KeyedHashes) -> None:
        self._request = request
        self._rates = rates
        self._hashes = hashes
        self.policies = policies
        self.client_address = request.client.host if request.client else ""
        self.client_network = client_network(self.client_address)

    @property
    def address_key(self) -> str:
        """Keyed hash of the client's network, for messages and stores; empty when limits are off."""
        return self._hashes.bucket_key("network", self.client_network) if self.policies.is_enabled else ""

    def network_bucket(self, policy: Policy) -> Bucket:
        """Return the bucket of the client's network under `policy`."""
        return self.bucket(policy, "address", self.client_network)

    def bucket(self, policy: Policy, *identifiers: str) -> Bucket:
        """Return the bucket of `identifiers`, which are hashed: no key has an address, a user id or typed input. When
        limits are off nothing is counted, and all share one bucket.
        """
        return Bucket(policy, self._hashes.bucket_key(*identifiers) if self.policies.is_enabled else "")

    def exempt(self) -> None:
        """Exclude this request from all limits, the default limit of errors included."""
        setattr(self._request.state, SEEN_ATTRIBUTE, True)

    async def enforce(self, *buckets: Bucket) -> None:
        """Count the request, or raise RateLimited. A repeat is not counted again but has a limit of its own, since it
        costs as much work as the first request.
        """
        decision = await self.count(*buckets)
        if decision and decision.is_repeat:
            await self._count_repeat(self.network_bucket(self.policies.repeats), member=new_member())
        elif decision and not decision.is_allowed:
            raise RateLimited(retry_after=decision.retry_after)

    async def enforce_default(self) -> None:
        """Count an error that precedes every limit, such as an unknown route, for the client's network.

        Raises RateLimited.
        """
        if not getattr(self._request.state, SEEN_ATTRIBUTE, False):
            await self._count_repeat(self.network_bucket(self.policies.std), member=new_member())

    async def count(self, *buckets: Bucket) -> LimitDecision | None:
        """Count this request if all buckets have room, and return their decision. None: limits are off."""
        if not self.policies.is_enabled:
            return None
        return self._remember(await self._rates.count_hit(buckets, await self._member()))

    async def count_silently(self, *buckets: Bucket) -> None:
        """Count this request without an effect on the response's headers."""
        if self.policies.is_enabled:
            await self._rates.count_hit(buckets, await self._member())

    async def peek(self, *buckets: Bucket) -> LimitDecision | None:
        """Return the decision of the buckets without counting. None: limits are off."""
        if not self.policies.is_enabled:
            return None
        return self._remember(await self._rates.peek(buckets, await self._member()))

    async def is_full(self, bucket: Bucket) -> bool:
        """Whether the bucket has no room left. Neither counts nor changes the response's headers."""
        return self.policies.is_enabled and not (await self._rates.peek([bucket], await self._member())).is_allowed

    async def _count_repeat(self, bucket: Bucket, *, member: str) -> None:
        if not self.policies.is_enabled:
            return
        decision = self._remember(await self._rates.count_hit([bucket], member))
        if not decision.is_allowed:
            raise RateLimited(retry_after=decision.retry_after)

    async def _member(self) -> str:
        """Return the id of this hit: equal for repeats (same Idempotency-Key, path and body bytes)."""
        key = self._request.headers.get("idempotency-key", "")
        if self._request.method != "POST" or not _KEY.fullmatch(key):
            return new_member()
        body = (await self._request.body()).decode(errors="replace")
        return self._hashes.bucket_key("repeat", self._request.url.path, key, body)

    def _remember(self, decision: LimitDecision) -> LimitDecision:
        setattr(self._request.state, SEEN_ATTRIBUTE, True)
        setattr(self._request.state, DECISION_ATTRIBUTE, decision)
        return decision


def new_member() -> str:
    """Return the id of a hit that is no repeat, unlike that of any other hit in any process."""
    return f"{_PROCESS_PREFIX}.{next(_hit_numbers)}"


def limits_of(request: Request) -> RequestLimits:
    """Return the limits of a request, on the process's resources."""
    resources: Resources = request.app.state.resources
    return RequestLimits(request, resources.rate_limits, resources.policies, resources.hashes)


def limit_headers(state: Mapping[str, Any]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the RateLimit headers of a response from the request's `state`; none if no limit was checked."""
    decision: LimitDecision | None = state.get(DECISION_ATTRIBUTE)
    if decision:
        facts = (decision.policy.count, decision.remaining, decision.reset_seconds)
        yield from zip(_RAW_HEADERS, [b"%d" % fact for fact in facts] * len(HEADER_PREFIXES), strict=True)
