"""One open socket of a user, and the frames that wait for its peer to read.

Frames are encoded for the wire, once for all sockets that they go to.
"""

from collections import deque
from dataclasses import dataclass

from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from api.sockets.close_codes import CloseCode
from api.sockets.connection import GatewayConnection
from domain.auth.api_keys import KeyUse

MAX_WAITING_FRAMES = 64
MAX_WAITING_BYTES = 1024 * 1024


@dataclass(eq=False, slots=True)
class Socket:
    """`opened_by`: the id of a session, or the prefix of an API key. `key_use`: how the key was used. An area adds what
    its gateway keeps of a socket.
    """

    connection: GatewayConnection
    socket_id: str
    user_id: str
    opened_by: str
    key_use: KeyUse | None = None
    _waiting: deque[bytes] | None = None
    """Queued frames in order. None on nearly all sockets, since an empty deque takes 600 bytes."""
    _waiting_bytes: int = 0

    @property
    def close_code(self) -> int | None:
        """The code that it was closed with here; None as long as it was not."""
        sent = self.connection.protocol.close_sent
        return sent.code if sent else None

    @property
    def is_open(self) -> bool:
        """Whether the handshake is complete and no side has begun to close."""
        return self.connection.protocol.state is State.OPEN

    @property
    def is_clear(self) -> bool:
        """Whether a frame can be written now: none is queued and the kernel takes more."""
        return not self._waiting and not self.connection.paused

    def push(self, frame: bytes) -> None:
        """Send without waiting, through a bounded queue if the peer does not read. A full queue closes the socket."""
        if self.is_open:
            self._write(self.connection.spelling.event(frame))

    def answer(self, frame: bytes) -> None:
        """Push the answer to the message that is being handled."""
        if self.is_open:
            self._write(self.connection.spelling.answer(frame))

    async def send(self, frame: bytes) -> None:
        """Send after all queued frames, and wait until the peer has read. Raises ConnectionClosed."""
        await self._drain()
        self.connection.transport.write(self.connection.spelling.event(frame))
        await self._drain()

    def close(self, code: CloseCode) -> None:
        """Discard the queue and close in the background."""
        self._forget()
        self.connection.close_soon(code)

    async def _drain(self) -> None:
        while self.is_open and not self.is_clear:
            await self.connection.drain()
        if not self.is_open:
            raise ConnectionClosed(None, None)

    def _write(self, spelled: bytes) -> None:
        if self.is_clear:
            self.connection.transport.write(spelled)
        else:
            self._queue(spelled)

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
