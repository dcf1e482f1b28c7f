"""Users on sockets of the assistant, each in one chat, with the time at which each frame came."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

OPENED_AT_ONCE = 50
GREETINGS = ("session_created", "session_restored")
ENDS = ("stream_end", "error", "rate_limit")


@dataclass(frozen=True)
class Frame:
    """What came of the server. `at`: the time, by `time.perf_counter`."""

    event: str
    data: dict[str, Any]
    at: float


class ChatClient:
    """`chat_id`: of the chat in which the socket is."""

    def __init__(self, socket: ClientConnection, chat_id: str) -> None:
        self.chat_id = chat_id
        self._socket = socket

    async def send(self, event: str, **data: object) -> float:
        """Send a message and return when."""
        at = time.perf_counter()
        await self._socket.send(json.dumps({"event": event, "data": data}))
        return at

    async def receive(self, *events: str) -> Frame:
        """Return the next frame of one of these events; others are skipped."""
        while True:
            frame = await _next(self._socket)
            if frame.event in events:
                return frame

    async def receive_all(self, *last: str) -> list[Frame]:
        """Return all frames up to the first of one of these events."""
        frames = [await _next(self._socket)]
        while frames[-1].event not in last:
            frames.append(await _next(self._socket))
        return frames

    async def talk(self, text: str) -> list[Frame]:
        """Send a message, and return all frames up to the end of its answer."""
        await self.send("user_message_stream", text=text)
        frames = await self.receive_all(*ENDS)
        assert frames[-1].event == "stream_end", frames[-1]
        return frames


def opened(url: str, path: str, token: str) -> connect:
    """Return a socket to be opened as a context manager."""
    place, bearer = f"{url.replace('http', 'ws', 1)}{path}", {"Authorization": f"Bearer {token}"}
    return connect(place, additional_headers=bearer, compression=None, ping_interval=None)


@asynccontextmanager
async def chatting(url: str, token: str, chat_id: str = "") -> AsyncIterator[ChatClient]:
    """Open a socket in a chat of its user, or in a new one, and close it at the end."""
    async with opened(url, f"/assistant?chat_id={chat_id}" if chat_id else "/assistant", token) as socket:
        while (frame := await _next(socket)).event not in GREETINGS:
            pass
        yield ChatClient(socket, frame.data["sessionId"])


@asynccontextmanager
async def all_chatting(url: str, tokens: Iterable[str]) -> AsyncIterator[list[ChatClient]]:
    """Open a socket in a new chat for each user, many at a time, and close all at the end."""
    places = asyncio.Semaphore(OPENED_AT_ONCE)
    async with AsyncExitStack() as clients:

        async def enter(token: str) -> ChatClient:
            async with places:
                return await clients.enter_async_context(chatting(url, token))

        yield list(await asyncio.gather(*map(enter, tokens)))


async def _next(socket: ClientConnection) -> Frame:
    frame = json.loads(await socket.recv())
    return Frame(frame["event"], frame["data"], time.perf_counter())
