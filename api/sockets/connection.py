"""A WebSocket of `websockets` on a connection that uvicorn has accepted: one port for HTTP and sockets.

uvicorn reads the request, sees the upgrade to WebSocket, and hands over the transport with the bytes that it has read.
From then on `websockets` implements the protocol (docs/decisions/0040).
"""

import asyncio
import logging
import socket
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, cast

from uvicorn.protocols.utils import get_remote_addr
from websockets.asyncio.server import Server, ServerConnection
from websockets.frames import DATA_OPCODES, Frame
from websockets.protocol import Event, State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from api.sockets.close_codes import REASONS, CloseCode
from api.sockets.frames import PlainSpelling, Spelling

MAX_FRAME_BYTES = 64 * 1024
CLOSE_TIMEOUT_SECONDS = 5.0
SEND_BUFFER_BYTES = 64 * 1024
"""The kernel's send buffer for a peer that does not read."""
SUBPROTOCOL = Subprotocol("decode.v1")

Handler = Callable[["GatewayConnection"], Coroutine[Any, Any, None]]

websockets_log = logging.getLogger("decode.websockets")
websockets_log.setLevel(logging.WARNING)
"""`websockets` logs every connection at INFO."""


class ConnectionServer(Server):
    """The server that `websockets` requires for its connections, without a port. `handler` serves one connection."""

    def __init__(self, handler: Handler) -> None:
        super().__init__(_discard, self._handle, websockets_log)  # type: ignore[arg-type]
        self._serve = handler

    async def _handle(self, connection: "GatewayConnection") -> None:
        try:
            await self._serve(connection)
        finally:
            task = asyncio.current_task()
            if task is not None:
                self.handler_tasks.discard(task)

    def is_serving(self) -> bool:
        """Always True: uvicorn owns the port, and hands over connections only while it serves."""
        return True


class GatewayConnection(ServerConnection):
    """One connection, with the constructor arguments of a uvicorn WebSocket protocol.

    `client`: address and port of the peer, kept for when it is gone; `heard_at`: loop time of the last received bytes;
    `pinged_at`: of the last ping, or of the opening; `spelling`: of what is said here; `on_writable`: called when the
    write buffer has drained.
    """

    def __init__(self, config: Any, server_state: Any, app_state: dict[str, Any], _loop: Any = None) -> None:
        protocol = ServerProtocol(max_size=MAX_FRAME_BYTES, select_subprotocol=_select, logger=websockets_log)
        # With a write limit of 0, `paused` is true as soon as the kernel takes no more.
        super().__init__(
            protocol, app_state["door"], ping_interval=None, close_timeout=CLOSE_TIMEOUT_SECONDS, write_limit=0
        )
        self._served = server_state.connections
        self.client: tuple[str, int] | None = None
        self.heard_at = self.pinged_at = self.loop.time()
        self.spelling: Spelling = PlainSpelling()
        self._ignores_input = False
        self.on_writable: Callable[[], None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Register with uvicorn, which waits for its connections at shutdown, and bound the kernel's send buffer."""
        self._served.add(self)
        self.client = get_remote_addr(cast(asyncio.Transport, transport))
        raw: socket.socket | None = transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Deregister from uvicorn."""
        self._served.discard(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Record the time of the last sign of life."""
        self.heard_at = self.loop.time()
        super().data_received(data)

    def process_event(self, event: Event) -> None:
        """Drop data frames once `close` was called; control frames are still processed."""
        if not (self._ignores_input and isinstance(event, Frame) and event.opcode in DATA_OPCODES):
            super().process_event(event)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close and discard further input, or the peer's close frame would wait behind unread messages."""
        self._ignores_input = True
        self.recv_messages.frames.queue.clear()
        self.recv_messages.maybe_resume()
        self._write(self.spelling.goodbye(code))
        await super().close(code, reason)

    def resume_writing(self) -> None:
        """Called by asyncio when the write buffer has drained."""
        super().resume_writing()
        if self.on_writable is not None:
            self.on_writable()

    def shutdown(self) -> None:
        """Called by uvicorn when the process shuts down."""
        self.close_soon(CloseCode.RESTARTING)

    def close_soon(self, code: CloseCode) -> None:
        """Close in a background task; a peer that does not respond is disconnected after five seconds."""
        self._write(self.spelling.goodbye(code))
        # Not this class's `close`: messages received before are still handled.
        self._closing = self.loop.create_task(super().close(code, REASONS[code]))

    def ping_peer(self) -> None:
        """Send a ping, which every client library answers."""
        self.pinged_at = self.loop.time()
        self._write(self.spelling.ping())

    def speak(self, spelling: Spelling) -> None:
        """Speak in this spelling from now on."""
        self.spelling = spelling
        self._write(spelling.opening())

    def _write(self, spelled: bytes) -> None:
        if spelled and self.protocol.state is State.OPEN:
            self.transport.write(spelled)


def _select(protocol: ServerProtocol, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    return SUBPROTOCOL if SUBPROTOCOL in offered else None


async def _discard() -> asyncio.Server:
    raise RuntimeError("connections come from uvicorn")
