"""Users on sockets of the assistant, each in one chat, with the time at which each frame came."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

OPENED_AT_ONCE = 50
PATH = "/assistant"
GREETINGS = ("session_created", "session_restored")
REFUSALS = ("error", "rate_limit")
ENDS = ("stream_end", *REFUSALS)


class NotServed(Exception):
    """The server has said `error` or `rate_limit`, or not what it should; the message is its frame."""


class NotWhole(Exception):
    """The pieces of an answer are not its text; the message is how it ended."""


@dataclass(frozen=True)
class Frame:
    """What came of the server. `at`: the time, by `time.perf_counter`."""

    event: str
    data: dict[str, Any]
    at: float


class ChatClient:
    """`chat_id`: of the chat in which the socket is. `is_restored`: it was there before the socket."""

    def __init__(self, socket: ClientConnection, greeting: Frame) -> None:
        self.chat_id = str(greeting.data["sessionId"])
        self.is_restored = greeting.event == "session_restored"
        self._socket = socket
        self._hearing = asyncio.Lock()

    async def send(self, event: str, **data: object) -> float:
        """Send a message and return when."""
        at = time.perf_counter()
        await self._socket.send(json.dumps({"event": event, "data": data}))
        return at

    async def receive(self, *events: str) -> Frame:
        """Return the next frame of one of these events; others are skipped. Raises NotServed for any other refusal."""
        while True:
            frame = await _next(self._socket)
            if frame.event in events:
                return frame
            if frame.event in REFUSALS:
                raise NotServed(frame)

    async def receive_all(self, *last: str) -> list[Frame]:
        """Return all frames up to the first of one of these events."""
        frames = [await _next(self._socket)]
        while frames[-1].event not in last:
            frames.append(await _next(self._socket))
        return frames

    async def talk(self, text: str) -> list[Frame]:
        """Send a message, and return all frames up to the end of its answer. Raises NotServed, NotWhole.

        It may be sent while another is answered: answers come one after the other.
        """
        await self.send("user_message_stream", text=text)
        async with self._hearing:
            frames = await self.receive_all(*ENDS)
        require_whole(frames)
        return frames


def require_whole(frames: Sequence[Frame]) -> None:
    """Raise NotServed if the last frame is no end of an answer, NotWhole if the others are not all of its text."""
    end = frames[-1]
    if end.event != "stream_end":
        raise NotServed(end)
    if "".join(frame.data["content"] for frame in frames if frame.event == "stream_chunk") != end.data["fullResponse"]:
        raise NotWhole(end)


def opened(url: str, path: str, token: str) -> connect:
    """Return a socket to be opened as a context manager."""
    place, bearer = f"{url.replace('http', 'ws', 1)}{path}", {"Authorization": f"Bearer {token}"}
    return connect(place, additional_headers=bearer, compression=None, ping_interval=None)


@asynccontextmanager
async def chatting(url: str, token: str, chat_id: str = "") -> AsyncIterator[ChatClient]:
    """Open a socket in a chat of its user, or in a new one, and close it at the end."""
    async with opened(url, f"{PATH}?chat_id={chat_id}" if chat_id else PATH, token) as socket:
        yield await greeted(socket)


async def greeted(socket: ClientConnection) -> ChatClient:
    """Return the client of a socket that has just been opened, as soon as the server has named its chat."""
    while (frame := await _next(socket)).event not in GREETINGS:
        pass
    return ChatClient(socket, frame)


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
