"""One open socket of a person: how far it has been told, and what waits for its peer to read.

Frames come as they go over the wire, made once for all sockets that they go to.
"""

from collections import deque
from dataclasses import dataclass

from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from api.notifications.gateway.close_codes import CloseCode
from api.notifications.gateway.connection import GatewayConnection

MAX_WAITING_FRAMES = 64
MAX_WAITING_BYTES = 1024 * 1024


@dataclass(eq=False, slots=True)
class Socket:
    """`sent_until`: the number of the last notification that went out on it. `is_live`: what is stored goes out at
    once; otherwise it is still catching up. `keeps_count`: the client says itself what it has got.
    """

    connection: GatewayConnection
    socket_id: str
    user_id: str
    session_id: str
    sent_until: int = 0
    is_live: bool = False
    keeps_count: bool = False
    _waiting: deque[bytes] | None = None
    """Frames in order. None on nearly all sockets: an empty deque takes 600 bytes."""
    _waiting_bytes: int = 0

    @property
    def is_open(self) -> bool:
        return self.connection.protocol.state is State.OPEN

    @property
    def is_clear(self) -> bool:
        """Whether a frame can go out now, before any other."""
        return not self._waiting and not self.connection.paused

    def push(self, frame: bytes) -> None:
        """Send without waiting. A peer that does not read has a bounded queue, and is closed when that is full."""
        if not self.is_open:
            return
        if self.is_clear:
            self.connection.transport.write(frame)
        else:
            self._queue(frame)

    async def send(self, frame: bytes) -> None:
        """Send after all that waits, at the pace at which the peer reads. Raises ConnectionClosed."""
        await self._drain()
        self.connection.transport.write(frame)
        await self._drain()

    def close(self, code: CloseCode) -> None:
        self._forget()
        self.connection.close_soon(code)

    async def _drain(self) -> None:
        while self.is_open and not self.is_clear:
            await self.connection.drain()
        if not self.is_open:
            raise ConnectionClosed(None, None)

    def _queue(self, frame: bytes) -> None:
        if self._waiting is None:
            self._waiting = deque()
            self.connection.on_writable = self._flush
        if len(self._waiting) >= MAX_WAITING_FRAMES or self._waiting_bytes + len(frame) > MAX_WAITING_BYTES:
            self.close(CloseCode.TRY_AGAIN)
            return
        self._waiting.append(frame)
        self._waiting_bytes += len(frame)

    def _flush(self) -> None:
        while self._waiting and not self.connection.paused:
            self.connection.transport.write(self._waiting.popleft())
        self._waiting_bytes = sum(map(len, self._waiting or ()))

    def _forget(self) -> None:
        self._waiting, self._waiting_bytes = None, 0
