"""WebSocket clients for tests. Every frame received is checked against docs/asyncapi.yaml, in either spelling."""

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
SOCKETIO = "/socket.io/?EIO=4&transport=websocket"


class WebSocketClient:
    """One socket and its messages."""

    def __init__(self, connection: ClientConnection, hears: str = "hear") -> None:
        self.connection = connection
        self._hears = hears

    async def send(self, event: str, **data: object) -> None:
        await self.connection.send(self.spell(event, data))

    def spell(self, event: str, data: Json) -> str:
        """What the client sends for an event."""
        return json.dumps({"event": event, "data": data})

    async def frame(self) -> Json:
        """The next frame. Raises ConnectionClosed."""
        return heard(str(await self.connection.recv()), self._hears)

    async def receive(self, event: str | None = None, *, within: float = SECONDS) -> Json:
        """The data of the next frame, or of the next one of this event. Raises ConnectionClosed, TimeoutError."""
        async with asyncio.timeout(within):
            while True:
                frame = await self.frame()
                if event in (None, frame["event"]):
                    data: Json = frame["data"]
                    return data

    async def receive_any(self, *, within: float = SECONDS) -> tuple[str, Json]:
        """Event and data of the next frame. Raises ConnectionClosed, TimeoutError."""
        async with asyncio.timeout(within):
            frame = await self.frame()
            return str(frame["event"]), frame["data"]

    async def receive_seqs(self, count: int = 1, *, within: float = SECONDS) -> list[int]:
        """Numbers of the next notifications."""
        return [(await self.receive("notification_received", within=within))["seq"] for _ in range(count)]

    async def receives_nothing(self, event: str, *, until: str = "pong") -> None:
        """Fails if the event comes before an answer to a ping."""
        await self.send("ping")
        while True:
            frame = await asyncio.wait_for(self.frame(), SECONDS)
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


class SocketIoClient(WebSocketClient):
    """A socket that spells as Socket.IO does. What is no event is passed over."""

    def spell(self, event: str, data: Json) -> str:
        return f"40{json.dumps(data)}" if event == "authenticate" else f"42{json.dumps([event, data])}"

    async def frame(self) -> Json:
        while not (text := str(await self.connection.recv())).startswith("42"):
            pass
        event, said = json.loads(text[2:])
        frame = {"event": event, "data": said["data"], "timestamp": said["timestamp"], "userId": "0" * 24}
        return heard(json.dumps(frame), self._hears)


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
    spelled = SocketIoClient if path.startswith(SOCKETIO) else WebSocketClient
    async with connect(place, additional_headers=given, subprotocols=offered, close_timeout=2) as connection:
        yield spelled(connection, "hear" if path == "/notifications" else "hear_in_chat")


@asynccontextmanager
async def socket_of(someone: SignedIn, url: str, *, after: int | None = None) -> AsyncIterator[WebSocketClient]:
    """A socket of an authenticated user. With `after` it has requested what is newer."""
    query = "" if after is None else f"?after={after}"
    async with connected(url, someone.bearer, query=query) as client:
        await client.receive("user_connected")
        yield client
