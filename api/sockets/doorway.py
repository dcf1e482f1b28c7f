"""The one way in for the sockets of all gateways of a process: it authenticates them, and closes them at their end."""

import logging
from collections.abc import Iterable, Sequence
from typing import Protocol

from httptools import parse_url
from websockets.exceptions import ConnectionClosed

from adapters.failures import is_unavailable
from adapters.redis.subscriptions import PubSubEvent
from api.sockets.close_codes import REASONS, CloseCode, SocketClosed
from api.sockets.connection import ConnectionServer, GatewayConnection
from api.sockets.door import Door
from api.sockets.handshake import AuthenticatedClient, HandshakeAuthenticator

INTERNAL_ERROR = 1011

logger = logging.getLogger("decode.sockets")


class SocketGateway(Protocol):
    """What an area does for its sockets."""

    @property
    def doors(self) -> Sequence[Door]:
        """Its entrances."""

    async def run(self) -> None:
        """Run what the gateway does by itself, until cancelled."""

    def handle(self, event: PubSubEvent) -> None:
        """Handle a message from Redis, or a gap in them, without waiting."""

    async def serve(self, connection: GatewayConnection, client: AuthenticatedClient) -> None:
        """Serve an authenticated client until it closes. Raises SocketClosed, ConnectionClosed, and drivers' errors."""


class Doorway:
    """Leads each connection to the gateway at its path. `server` takes uvicorn's connections."""

    def __init__(self, gateways: Iterable[SocketGateway], authenticator: HandshakeAuthenticator) -> None:
        self._entrances = {door.path.encode(): (gateway, door) for gateway in gateways for door in gateway.doors}
        self._authenticator = authenticator
        self.server = ConnectionServer(self.serve)

    async def serve(self, connection: GatewayConnection) -> None:
        """Serve one connection from its handshake to its close."""
        try:
            await connection.handshake(server_header=None)
            gateway, door = self._entrance_of(connection)
            connection.speak(door.new_spelling())
            await gateway.serve(connection, await self._authenticator.authenticate(connection, door))
        except SocketClosed as closed:
            await connection.close(closed.code, closed.reason)
        except ConnectionClosed:
            pass
        except Exception as error:
            if is_unavailable(error):
                await connection.close(CloseCode.TRY_AGAIN, REASONS[CloseCode.TRY_AGAIN])
            else:
                logger.error("a socket failed", exc_info=error)
                await connection.close(INTERNAL_ERROR)

    def _entrance_of(self, connection: GatewayConnection) -> tuple[SocketGateway, Door]:
        """Return gateway and door at the path of the request, which was let through as one of SOCKET_PATHS."""
        if connection.request is None:
            raise SocketClosed(CloseCode.FORBIDDEN)
        return self._entrances[parse_url(connection.request.path.encode()).path]
