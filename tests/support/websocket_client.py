"""WebSocket clients for tests. Every frame received is checked against docs/asyncapi.yaml."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.support.asyncapi import heard
from tests.support.people import SignedIn

Json = dict[str, Any]

SECONDS = 10.0


class WebSocketClient:
    """One socket and its messages."""

    def __init__(self, connection: ClientConnection, hears: str = "hear") -> None:
        self.connection = connection
        self._hears = hears

    async def send(self, event: str, **data: object) -> None:
        await self.connection.send(json.dumps({"event": event, "data": data}))

    async def receive(self, event: str | None = None, *, within: float = SECONDS) -> Json:
        """The data of the next frame, or of the next one of this event. Raises ConnectionClosed, TimeoutError."""
        async with asyncio.timeout(within):
            while True:
                frame = heard(str(await self.connection.recv()), self._hears)
                if event in (None, frame["event"]):
                    data: Json = frame["data"]
                    return data

    async def receive_any(self, *, within: float = SECONDS) -> tuple[str, Json]:
        """Event and data of the next frame. Raises ConnectionClosed, TimeoutError."""
        async with asyncio.timeout(within):
            frame = heard(str(await self.connection.recv()), self._hears)
            return str(frame["event"]), frame["data"]

    async def receive_seqs(self, count: int = 1, *, within: float = SECONDS) -> list[int]:
        """Numbers of the next notifications."""
        return [(await self.receive("notification_received", within=within))["seq"] for _ in range(count)]

    async def receives_nothing(self, event: str, *, until: str = "pong") -> None:
        """Fails if the event comes before an answer to a ping."""
        await self.send("ping")
        while True:
            frame = heard(str(await asyncio.wait_for(self.connection.recv(), SECONDS)), self._hears)
            assert frame["event"] != event, frame
            if frame["event"] == until:
                return

    async def closed(self, *, within: float = SECONDS) -> int:
        """Return the code with which the server closes; frames before it are skipped."""
        async with asyncio.timeout(within):
            try:
                while True:
                    await self.connection.recv()
            except ConnectionClosed:
                return self.connection.close_code or 0


@asynccontextmanager
async def connected(
    url: str,
    headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
    *,
    query: str = "",
    subprotocols: Sequence[str] = (),
    origin: str | None = None,
    path: str = "/notifications",
) -> AsyncIterator[WebSocketClient]:
    """A socket at an API's address, opened without a message."""
    place = f"{url.replace('http', 'ws', 1)}{path}{query}"
    offered = [Subprotocol(name) for name in subprotocols] or None
    given = [*(headers.items() if isinstance(headers, Mapping) else headers)]
    given += [("Origin", origin)] if origin else []
    async with connect(place, additional_headers=given, subprotocols=offered, close_timeout=2) as connection:
        yield WebSocketClient(connection, "hear" if path == "/notifications" else "hear_in_chat")


@asynccontextmanager
async def socket_of(someone: SignedIn, url: str, *, after: int | None = None) -> AsyncIterator[WebSocketClient]:
    """A socket of an authenticated user. With `after` it has requested what is newer."""
    query = "" if after is None else f"?after={after}"
    async with connected(url, someone.bearer, query=query) as client:
        await client.receive("user_connected")
        yield client
