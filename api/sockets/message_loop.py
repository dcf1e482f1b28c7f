"""Takes the messages of a client on its open socket, within limits, and hands those of an area to its gateway."""

from collections import deque
from collections.abc import Awaitable, Callable
from typing import TypeVar

from adapters.failures import is_unavailable
from api.http.errors import to_refusal
from api.sockets import frames
from api.sockets.close_codes import CloseCode, SocketClosed
from api.sockets.door import Door
from api.sockets.messages import Authenticate, Ping, Pong, SocketData
from api.sockets.socket import Socket
from domain.errors import DecodeError

MAX_MESSAGES_PER_WINDOW = 30
WINDOW_SECONDS = 10.0
MAX_BAD_FRAMES = 10

OneSocket = TypeVar("OneSocket", bound=Socket)
Handle = Callable[[SocketData, OneSocket], Awaitable[None]]
"""Handles a message of an area. May raise DecodeError, and drivers' errors."""


class MessageRate:
    """Sliding-window limit of one socket: 30 messages in any ten seconds. `clock`: monotonic time in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._times: deque[float] = deque(maxlen=MAX_MESSAGES_PER_WINDOW)

    def allow(self) -> bool:
        """Count one message and return whether it is within the limit."""
        now = self._clock()
        is_full = len(self._times) == MAX_MESSAGES_PER_WINDOW and now - self._times[0] < WINDOW_SECONDS
        self._times.append(now)
        return not is_full


async def handle_until_closed(socket: OneSocket, door: Door, handle: Handle[OneSocket]) -> None:
    """Take messages until the client closes, one after the other.

    Raises SocketClosed after too many messages or bad frames, and ConnectionClosed.
    """
    rate: MessageRate | None = None
    bad_count = 0
    async for message in socket.connection:
        rate = rate or MessageRate(socket.connection.loop.time)
        if not rate.allow():
            raise SocketClosed(CloseCode.TOO_MANY)
        try:
            await _answer(socket, socket.connection.spelling.parse(message, door.events), handle)
        except frames.BadFrame as bad:
            bad_count += 1
            if bad_count == MAX_BAD_FRAMES:
                raise SocketClosed(CloseCode.INVALID_INPUT) from None
            socket.answer(frames.bad_frame_frame(bad, socket.user_id))


async def _answer(socket: OneSocket, message: SocketData, handle: Handle[OneSocket]) -> None:
    """Answer one message. Raises BadFrame for one that is out of place."""
    match message:
        case Ping():
            socket.answer(frames.build_frame("pong", {}, socket.user_id))
        case Pong():
            pass  # any received data counts as a sign of life
        case Authenticate():
            raise frames.BadFrame("This event has no place here.")
        case _:
            await _hand_over(socket, message, handle)


async def _hand_over(socket: OneSocket, message: SocketData, handle: Handle[OneSocket]) -> None:
    """Refusals and outages of dependencies are sent as error frames; the socket stays open."""
    try:
        await handle(message, socket)
    except DecodeError as error:
        socket.answer(frames.refusal_frame(error, socket.user_id))
    except Exception as error:
        if not is_unavailable(error):
            raise
        socket.answer(frames.refusal_frame(to_refusal(error), socket.user_id))
