"""One open socket of a person: how far it has been told, and what waits for its peer to read."""

from collections import deque
from dataclasses import dataclass, field

from websockets.asyncio.server import broadcast
from websockets.protocol import State

from api.gateway.closing import CloseCode
from api.gateway.connection import GatewayConnection

MOST_FRAMES = 64
MOST_BYTES = 1024 * 1024


@dataclass(eq=False, slots=True)
class Socket:
    """`told_until`: the number of the last notification that went out on it. `is_live`: what is stored goes out at
    once; otherwise it is still catching up. `keeps_count`: the client says itself what it has got.
    """

    connection: GatewayConnection
    socket_id: str
    user_id: str
    session_id: str
    told_until: int = 0
    is_live: bool = False
    keeps_count: bool = False
    _waiting: deque[bytes] = field(default_factory=lambda: _NOTHING)
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
        if self.is_clear:
            broadcast((self.connection,), frame, text=True)
        elif self.is_open:
            self._queue(frame)

    async def send(self, frame: bytes) -> None:
        """Send after all that waits, at the pace at which the peer reads. Raises ConnectionClosed."""
        while self._waiting and self.is_open:
            await self.connection.drain()
        await self.connection.send(frame, text=True)

    def close(self, code: CloseCode) -> None:
        self._forget()
        self.connection.close_soon(code)

    def _queue(self, frame: bytes) -> None:
        if len(self._waiting) >= MOST_FRAMES or self._waiting_bytes + len(frame) > MOST_BYTES:
            self.close(CloseCode.TRY_AGAIN)
            return
        if self._waiting is _NOTHING:
            self._waiting = deque()
            self.connection.on_writable = self._flush
        self._waiting.append(frame)
        self._waiting_bytes += len(frame)

    def _flush(self) -> None:
        while self._waiting and not self.connection.paused:
            broadcast((self.connection,), self._waiting.popleft(), text=True)
        self._waiting_bytes = sum(map(len, self._waiting))

    def _forget(self) -> None:
        self._waiting, self._waiting_bytes = _NOTHING, 0


_NOTHING: deque[bytes] = deque(maxlen=0)
"""The queue of nearly all sockets: an empty deque takes 600 bytes."""
