"""Refused handshakes count for the client's network, together with the errors over HTTP that no other limit counts."""

from collections.abc import Collection
from typing import Any

from starlette.requests import Request
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from adapters.area_resources import SharedResources
from api.access.request_limits import RequestLimits
from api.notifications.gateway.close_codes import CloseCode, SocketClosed
from api.notifications.gateway.connection import GatewayConnection
from domain.errors import RateLimited


class RefusalLimit:
    """Counts refused handshakes. `trusted_proxies`: those that name the client, as in a request over HTTP."""

    def __init__(self, resources: SharedResources, trusted_proxies: Collection[str]) -> None:
        self._resources = resources
        self._find_client = ProxyHeadersMiddleware(_nothing, list(trusted_proxies))

    async def count(self, connection: GatewayConnection) -> None:
        """Count a refused handshake for the client's network. Raises SocketClosed over the limit."""
        sent = connection.request.headers.get_all("X-Forwarded-For") if connection.request else []
        headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in sent]
        scope: Any = {"type": "http", "client": connection.client, "headers": headers, "state": {}}
        await self._find_client(scope, _nothing, _nothing)
        shared = self._resources
        limits = RequestLimits(Request(scope), shared.rate_limits, shared.policies, shared.hashes)
        try:
            await limits.enforce_default()
        except RateLimited:
            raise SocketClosed(CloseCode.TOO_MANY) from None


async def _nothing(*_: Any) -> Any:
    """Stand in for the app behind uvicorn's middleware, which is wanted for the client alone."""
