"""The limits of a WebSocket handshake. Refused ones count for the client's network, with the errors over HTTP that no
other limit counts.
"""

from collections.abc import Collection, Sequence
from typing import Any

from starlette.requests import Request
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from adapters.area_resources import SharedResources
from api.access.request_limits import RequestLimits


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


async def _nothing(*_: Any) -> Any:
    """Stand in for the app behind uvicorn's middleware, which is wanted for the client alone."""
