"""Two gateways on one port: each gets the sockets at its path, and their ends have the same close codes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import cast
from urllib.parse import urlencode

import pytest
import uvicorn
from pymongo.errors import AutoReconnect
from starlette.applications import Starlette
from websockets.asyncio.client import connect

from adapters.redis.subscriptions import PubSubEvent
from api.http import protocol
from api.sockets.close_codes import CloseCode, SocketClosed
from api.sockets.connection import ConnectionServer, GatewayConnection
from api.sockets.door import Door
from api.sockets.doorway import INTERNAL_ERROR, Doorway
from api.sockets.handshake import AuthenticatedClient, HandshakeAuthenticator
from api.sockets.messages import SHARED_EVENTS
from devstack.ports import choose_ports
from devstack.stack import Stack
from domain.users.permissions import Permission
from tests.support.polling import eventually
from tests.support.websocket_client import WebSocketClient

PATHS = ("/one", "/two")

Serve = Callable[[GatewayConnection, AuthenticatedClient], Awaitable[None]]


class Gateway:
    """A gateway that serves each client by a function of the test."""

    def __init__(self, path: str, serve: Serve) -> None:
        self.doors = (Door(path, Permission.NOTIFICATIONS_READ, SHARED_EVENTS),)
        self._serve = serve

    async def run(self) -> None: ...

    def handle(self, event: PubSubEvent) -> None: ...

    async def serve(self, connection: GatewayConnection, client: AuthenticatedClient) -> None:
        await self._serve(connection, client)


class OpenToAll:
    """Stands in for the authenticator: a client has the name of the door by which it enters."""

    async def authenticate(self, connection: GatewayConnection, door: Door) -> AuthenticatedClient:
        return AuthenticatedClient(door.path, "opener", None, None, {}, None)


def app_of(server: ConnectionServer) -> Starlette:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, object]]:
        yield {"door": server}

    return Starlette(lifespan=lifespan)


@asynccontextmanager
async def serving_two(serve: Serve) -> AsyncIterator[str]:
    """Have a gateway at each path serve by this function. Yields the URL."""
    doorway = Doorway([Gateway(path, serve) for path in PATHS], cast(HandshakeAuthenticator, OpenToAll()))
    port = choose_ports(["api"], kept={}, running=())["api"]
    config = uvicorn.Config(
        app_of(doorway.server), port=port, http=protocol.HttpProtocol, ws=GatewayConnection, log_config=None
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())

    async def is_up() -> bool:
        return server.started

    await eventually(is_up)
    try:
        yield f"ws://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


@pytest.fixture
def two_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have handshakes at both paths open sockets."""
    monkeypatch.setattr(protocol, "SOCKET_PATHS", {path.encode(): {} for path in PATHS})


@pytest.mark.usefixtures("two_paths")
async def test_socket_is_led_to_the_gateway_at_its_path() -> None:
    async def tell_door(connection: GatewayConnection, client: AuthenticatedClient) -> None:
        await connection.send(client.user_id)

    async with serving_two(tell_door) as url:
        for path in PATHS:
            async with connect(f"{url}{path}?after=0") as connection:
                assert await connection.recv() == path


@pytest.mark.usefixtures("two_paths")
@pytest.mark.parametrize(
    ("error", "code"),
    [
        pytest.param(SocketClosed(CloseCode.TOO_MANY), CloseCode.TOO_MANY, id="closed by the gateway"),
        pytest.param(AutoReconnect("away"), CloseCode.TRY_AGAIN, id="an outage"),
        pytest.param(ValueError("a defect"), INTERNAL_ERROR, id="a defect"),
    ],
)
async def test_end_of_a_socket_has_its_code(error: Exception, code: int) -> None:
    async def fail(connection: GatewayConnection, client: AuthenticatedClient) -> None:
        raise error

    async with serving_two(fail) as url, connect(f"{url}{PATHS[0]}") as connection:
        assert await WebSocketClient(connection).closed() == code


@pytest.mark.parametrize("path", protocol.SOCKET_PATHS)
async def test_each_path_of_sockets_has_a_gateway(stack: Stack, path: bytes) -> None:
    target = f"{stack.url('api').replace('http', 'ws', 1)}{path.decode()}?{urlencode(protocol.SOCKET_PATHS[path])}"
    async with connect(target, additional_headers={"Authorization": "Bearer nonsense"}) as connection:
        assert await WebSocketClient(connection).closed() == CloseCode.NOT_AUTHENTICATED
