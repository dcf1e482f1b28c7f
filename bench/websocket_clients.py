"""WebSocket clients with minimal cost, so that the server is measured: they only count notifications."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

CONCURRENCY = 100
NOTIFICATIONS = "/notifications?after=0"
NOTIFICATION_MARK = b'"event":"notification_received"'
GREETING_MARK = b'"event":"user_connected"'
PING, PONG = b"\x89\x00", b"\x8a\x80\x00\x00\x00\x00"
HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{headers}\r\n"
)


@dataclass
class ReceivedCounter:
    """The notifications that all clients have received; `is_enough` is set at `wanted`."""

    count: int = 0
    wanted: int = 0
    is_enough: asyncio.Event | None = None

    def add(self, number: int) -> None:
        self.count += number
        if self.is_enough and self.count >= self.wanted:
            self.is_enough.set()

    async def wait_for(self, number: int) -> None:
        """Return once `number` notifications have been received in all."""
        self.wanted, self.is_enough = number, asyncio.Event()
        self.add(0)
        await self.is_enough.wait()


class WebSocketClient(asyncio.Protocol):
    """Answers protocol pings and sends nothing else. `opened` is done once the server's greeting has arrived."""

    def __init__(self, received: ReceivedCounter, greeting: bytes) -> None:
        self._received = received
        self._greeting = greeting
        self._tail = b""
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.is_open = True
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transport is one by its methods, not by its class.
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        text = self._tail + data
        self._received.add(text.count(NOTIFICATION_MARK))
        self._tail = text[-len(NOTIFICATION_MARK) + 1 :]
        if not self.opened.done() and self._greeting in text:
            self.opened.set_result(None)
        if PING in data and self.transport:
            self.transport.write(PONG)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        if not self.opened.done():
            self.opened.set_exception(ConnectionError("closed"))


async def open_clients(
    url: str,
    tokens: Sequence[str],
    received: ReceivedCounter,
    *,
    path: str = NOTIFICATIONS,
    greeting: bytes = GREETING_MARK,
) -> list[WebSocketClient]:
    """Open a client per token, a hundred at a time. Returns once the server has greeted all."""
    turns = asyncio.Semaphore(CONCURRENCY)

    async def one(token: str) -> WebSocketClient:
        async with turns:
            return await _opened(url, token, received, path, greeting)

    return await asyncio.gather(*(one(token) for token in tokens))


async def _opened(url: str, token: str, received: ReceivedCounter, path: str, greeting: bytes) -> WebSocketClient:
    place = urlsplit(url)
    transport, client = await asyncio.get_running_loop().create_connection(
        lambda: WebSocketClient(received, greeting), place.hostname or "127.0.0.1", place.port or 80
    )
    headers = f"Authorization: Bearer {token}\r\n" if token else ""
    transport.write(HANDSHAKE.format(path=path, headers=headers).encode())
    await client.opened
    return client


def close_clients(clients: Sequence[WebSocketClient]) -> None:
    for client in clients:
        if client.transport:
            client.transport.abort()
