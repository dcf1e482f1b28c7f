"""Opens what the gateways of a process share, and closes it after their last socket."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from adapters.area_resources import AuthResources
from adapters.redis.presence import PROCESS_HEARTBEAT_SECONDS
from adapters.redis.subscriptions import PubSubEvent, Subscriptions
from api.access.authentication import Authenticator
from api.access.key_authentication import KeyAuthenticator
from api.access.key_usage import KeyUsage
from api.access.role_catalogue import RoleCatalogue
from api.access.session_cache import SessionCache
from api.http.outages import logged_unless_away
from api.sockets.connection import ConnectionServer
from api.sockets.doorway import Doorway, SocketGateway
from api.sockets.handshake import HandshakeAuthenticator
from api.sockets.key_sockets import KeySockets
from api.sockets.socket_checks import every
from api.sockets.socket_limits import HandshakeLimit, SocketLimits

RETRY_PAUSE_SECONDS = 1.0
LEAVE_TIMEOUT_SECONDS = 5.0
TASK_TIMEOUT_SECONDS = 2.0

Listener = Callable[[PubSubEvent], None]

logger = logging.getLogger("decode.sockets")


@dataclass(frozen=True)
class SocketTasks:
    """What gateways do in the background, such as the clean-up of closed sockets."""

    running: set[asyncio.Task[None]] = field(default_factory=set)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do this in the background. What fails is logged, unless it is an outage."""
        task = asyncio.create_task(_log_errors(work))
        self.running.add(task)
        task.add_done_callback(self.running.discard)

    async def finish(self) -> None:
        """Wait up to two seconds for what is running."""
        if self.running:
            await asyncio.wait(self.running, timeout=TASK_TIMEOUT_SECONDS)


@dataclass(frozen=True)
class SharedSockets:
    """What all gateways of a process share. `limits`: of what is asked on sockets. `listeners` hear the messages from
    Redis before the gateways do.
    """

    resources: AuthResources
    authenticator: HandshakeAuthenticator
    key_sockets: KeySockets
    limits: SocketLimits
    listeners: Sequence[Listener]
    tasks: SocketTasks = field(default_factory=SocketTasks)


def share_sockets(
    resources: AuthResources,
    session_cache: SessionCache,
    roles: RoleCatalogue,
    usage: KeyUsage,
    *,
    origins: Collection[str],
    trusted_proxies: Collection[str],
) -> SharedSockets:
    """Return what gateways are built from. `usage`: how API keys are used. `origins`: the web origins that may connect.
    `trusted_proxies`: those that name the client (X-Forwarded-For).
    """
    auth = resources.auth
    key_access = KeyAuthenticator(auth.api_key_secrets, auth.api_keys, session_cache.keys)
    key_sockets = KeySockets(key_access, auth.api_keys, roles, usage)
    authenticator = HandshakeAuthenticator(
        Authenticator(auth.access_tokens, resources.hashes, auth.sessions, session_cache),
        auth.sessions,
        auth.tickets,
        resources.hashes,
        origins,
        HandshakeLimit(resources, trusted_proxies),
        key_sockets,
        roles,
    )
    limits = SocketLimits(resources.rate_limits, resources.policies, resources.hashes, key_access)
    return SharedSockets(resources, authenticator, key_sockets, limits, (session_cache.handle, roles.handle))


@asynccontextmanager
async def open_doorway(shared: SharedSockets, gateways: Sequence[SocketGateway]) -> AsyncIterator[ConnectionServer]:
    """Yield the server that leads connections to the running gateways."""
    server = Doorway(gateways, shared.authenticator).server
    listeners = (*shared.listeners, *(gateway.handle for gateway in gateways))
    works = (
        *(gateway.run() for gateway in gateways),
        every(PROCESS_HEARTBEAT_SECONDS, lambda: _renew_process(shared.resources)),
        _dispatch_events(shared.resources.subscriptions, listeners),
    )
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield server
    finally:
        if server.handler_tasks:
            await asyncio.wait(server.handler_tasks, timeout=LEAVE_TIMEOUT_SECONDS)
        await shared.tasks.finish()
        await asyncio.gather(*map(_cancel_and_wait, tasks))


async def _renew_process(resources: AuthResources) -> None:
    """Renew the heartbeat of this process, which covers the sockets of all gateways."""
    await resources.users.presence.renew_process(datetime.now(UTC))


async def _log_errors(work: Coroutine[Any, Any, None]) -> None:
    with logged_unless_away("the gateway failed at something", to=logger):
        await work


async def _dispatch_events(subscriptions: Subscriptions, listeners: Sequence[Listener]) -> None:
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
