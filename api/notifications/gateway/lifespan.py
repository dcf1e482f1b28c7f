"""Opens the gateway of a process with its Redis subscription, and closes it after its last socket."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any

from adapters.area_resources import NotificationResources
from adapters.redis.subscriptions import PubSubEvent, Subscriptions
from api.access.authentication import Authenticator
from api.access.key_authentication import KeyAuthenticator
from api.access.key_usage import KeyUsage
from api.access.role_catalogue import RoleCatalogue
from api.access.session_cache import SessionCache
from api.http.outages import logged_unless_away
from api.notifications.gateway.gateway import Gateway
from api.notifications.gateway.handshake import HandshakeAuthenticator
from api.notifications.gateway.key_sockets import KeySockets
from api.notifications.handshake_limit import HandshakeLimit

RETRY_PAUSE_SECONDS = 1.0
LEAVE_TIMEOUT_SECONDS = 5.0

logger = logging.getLogger("decode.sockets")


@asynccontextmanager
async def open_gateway(
    resources: NotificationResources,
    session_cache: SessionCache,
    roles: RoleCatalogue,
    usage: KeyUsage,
    *,
    origins: Collection[str],
    trusted_proxies: Collection[str],
) -> AsyncIterator[Gateway]:
    """Yield the running gateway. Messages from Redis go to the session cache and to the gateway. `usage`: how API
    keys are used.

    `origins`: the web origins that may connect. `trusted_proxies`: those that name the client (X-Forwarded-For).
    """
    auth = resources.auth
    access = Authenticator(auth.access_tokens, resources.hashes, auth.sessions, session_cache)
    key_access = KeyAuthenticator(auth.api_key_secrets, auth.api_keys, session_cache.keys)
    key_sockets = KeySockets(key_access, auth.api_keys, roles, usage)
    handshakes = HandshakeAuthenticator(
        access,
        auth.sessions,
        auth.tickets,
        resources.hashes,
        origins,
        HandshakeLimit(resources, trusted_proxies),
        key_sockets,
        roles,
    )
    gateway = Gateway(resources, handshakes, key_sockets)
    listeners = (session_cache.handle, roles.handle, gateway.handle)
    tasks = [
        asyncio.create_task(work)
        for work in (gateway.run(), _dispatch_events(resources.notifications.subscriptions, listeners))
    ]
    try:
        yield gateway
    finally:
        if gateway.server.handler_tasks:
            await asyncio.wait(gateway.server.handler_tasks, timeout=LEAVE_TIMEOUT_SECONDS)
        await gateway.close()
        await asyncio.gather(*map(_cancel_and_wait, tasks))


async def _dispatch_events(subscriptions: Subscriptions, listeners: Sequence[Callable[[PubSubEvent], None]]) -> None:
    """Dispatch messages from Redis until cancelled; listen again after each failure."""
    while True:
        with logged_unless_away("listening stopped", to=logger):
            async for event in subscriptions.listen():
                for handle in listeners:
                    handle(event)
        await asyncio.sleep(RETRY_PAUSE_SECONDS)


# Goes with Python 3.11: delete this function and cancel each task once before they are gathered.
async def _cancel_and_wait(task: "asyncio.Task[Any]") -> None:
    """Cancel the task until it ends: `wait_for` of Python 3.11, which redis uses, may lose a cancellation."""
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=0.1)
