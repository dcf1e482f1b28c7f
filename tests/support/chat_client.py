"""A user who talks to the assistant over a WebSocket, and checks that its text comes without gap or repeat."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.support.people import SignedIn
from tests.support.websocket_client import SOCKETIO, Json, WebSocketClient, connected


@dataclass
class Heard:
    """What a client has heard of one turn. `offsets`: where it expects the next text of each part."""

    text: str = ""
    offsets: dict[int, int] = field(default_factory=dict)
    chunks: int = 0
    end: Json | None = None

    def begin(self) -> None:
        """Take that the answer begins: what was heard of an earlier attempt is no part of it."""
        self.text, self.offsets = "", {}

    def take(self, chunk: Json) -> None:
        """Add a chunk. Fails unless it begins where the one before has ended."""
        assert chunk["offset"] == self.offsets.setdefault(chunk["part"], chunk["offset"]), "a gap or a repeat"
        assert chunk["next_offset"] == chunk["offset"] + len(chunk["content"].encode())
        self.offsets[chunk["part"]] = chunk["next_offset"]
        self.text += chunk["content"]
        self.chunks += 1


class ChatClient:
    """`chat_id`: of the chat in which the socket is. `greeting`: the frame that named it."""

    def __init__(self, socket: WebSocketClient, chat_id: str, greeting: Json) -> None:
        self.socket = socket
        self.chat_id = chat_id
        self.greeting = greeting
        self.turns: dict[str, Heard] = {}

    async def say(self, text: str, **more: object) -> str:
        """Send a message that is answered in chunks, and return the id of its turn."""
        await self.socket.send("user_message_stream", text=text, **more)
        return str((await self.socket.receive("message_accepted"))["turn_id"])

    async def resume(self, turn_id: str, part: int = 0, offset: int = 0, **attempt: int) -> None:
        """Ask for all of a turn after a position, of the first attempt or another."""
        self.turns[turn_id] = Heard(offsets={part: offset})
        await self.socket.send("resume", turn_id=turn_id, part=part, offset=offset, **attempt)

    async def hear(self, turn_id: str, *, until_chunks: int | None = None, within: float = 30) -> Heard:
        """Listen until the turn has ended, or so many chunks of it came; frames of others are taken as well."""
        heard = self.turns.setdefault(turn_id, Heard())
        while heard.end is None and (until_chunks is None or heard.chunks < until_chunks):
            event, data = await self.socket.receive_any(within=within)
            about = self.turns.setdefault(str(data.get("turn_id")), Heard())
            if event == "stream_start":
                about.begin()
            elif event == "stream_chunk":
                about.take(data)
            elif event in ("stream_end", "error", "assistant_response"):
                about.end = data
        return heard


async def chat_at(socket: WebSocketClient) -> ChatClient:
    """The chat of a socket that has just been opened."""
    chat_id = str((await socket.receive("connected"))["sessionId"])
    _, greeting = await socket.receive_any()
    return ChatClient(socket, chat_id, greeting)


@asynccontextmanager
async def chatting(someone: SignedIn, url: str, chat_id: str | None = None) -> AsyncIterator[ChatClient]:
    """A socket of a user, in a chat of theirs or in a new one."""
    query = f"?chat_id={chat_id}" if chat_id else ""
    async with connected(url, someone.bearer, query=query, path="/assistant") as socket:
        yield await chat_at(socket)


@asynccontextmanager
async def chatting_by_socketio(someone: SignedIn, url: str) -> AsyncIterator[ChatClient]:
    """A socket of a user that spells as Socket.IO does, in a new chat."""
    async with connected(url, path=SOCKETIO) as socket:
        await socket.send("authenticate", token=someone.session["access_token"])
        yield await chat_at(socket)
