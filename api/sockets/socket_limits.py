"""Limits of sockets: of handshakes, and of what is asked afterwards. Refused handshakes count for the client's network,
with the errors over HTTP that no other limit counts; what is asked counts for user and API key, with their requests.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from adapters.area_resources import SharedResources
from adapters.crypto.keyed_hashes import KeyedHashes
from adapters.redis.rate_limits import RateLimits
from api.access.key_authentication import KeyAuthenticator
from api.access.request_limits import RequestLimits, new_member
from api.access.route_limits import key_policy
from api.sockets.socket import Socket
from domain.rate_limits import Bucket, LimitDecision, Policy, RateLimitPolicies


class HandshakeLimit:
    """Counts refused handshakes. `trusted_proxies`: those that name the client, as in a request over HTTP."""

    def __init__(self, resources: SharedResources, trusted_proxies: Collection[str]) -> None:
        self._resources = resources
        self._find_client = ProxyHeadersMiddleware(_nothing, list(trusted_proxies))

    async def count_refused(self, peer: tuple[str, int] | None, forwarded_for: Sequence[str]) -> None:
        """Count a refused handshake, as `limits_of` takes it. Raises RateLimited over the limit."""
        await (await self.limits_of(peer, forwarded_for)).enforce_default()

    async def limits_of(self, peer: tuple[str, int] | None, forwarded_for: Sequence[str]) -> RequestLimits:
        """Return the limits of a handshake. `peer`: address and port; `forwarded_for`: its fields X-Forwarded-For."""
        headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded_for]
        scope: Any = {"type": "http", "method": "GET", "client": peer, "headers": headers, "state": {}}
        await self._find_client(scope, _nothing, _nothing)
        shared = self._resources
        return RequestLimits(Request(scope), shared.rate_limits, shared.policies, shared.hashes)


@dataclass(frozen=True)
class SocketLimits:
    """Counts what is asked on sockets."""

    rates: RateLimits
    policies: RateLimitPolicies
    hashes: KeyedHashes
    keys: KeyAuthenticator

    async def count(
        self, socket: Socket, policy: Policy | None = None, name: str | None = None
    ) -> LimitDecision | None:
        """Count something for the API key that has opened the socket, and by `policy` for its user; what has the same
        name once. None: nothing limits it.
        """
        if not self.policies.is_enabled:
            return None
        buckets = [*await self._of_key(socket)]
        if policy:
            buckets.append(Bucket(policy, self.hashes.bucket_key("user", socket.user_id)))
        if not buckets:
            return None
        member = self.hashes.bucket_key(policy.name, socket.user_id, name) if policy and name else new_member()
        return await self.rates.count_hit(buckets, member)

    async def _of_key(self, socket: Socket) -> Sequence[Bucket]:
        key, _ = (await self.keys.find(socket.key_use.prefix) if socket.key_use else None) or (None, None)
        if key is None or key.limit is None:
            return []
        return [Bucket(key_policy(key.limit), self.hashes.bucket_key("key", key.key_id))]


async def _nothing(*_: Any) -> Any:
    """Stand in for the app behind uvicorn's middleware, which is wanted for the client alone."""
