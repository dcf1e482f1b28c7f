"""Handles the messages of a client on its open socket."""

from collections import deque
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from adapters.failures import is_unavailable
from adapters.mongo.notifications.inboxes import InboxStore
from adapters.mongo.notifications.notifications import NotificationStore
from api.access.request_context import current_time
from api.http.errors import to_refusal
from api.notifications.gateway import frames
from api.notifications.gateway.close_codes import CloseCode, SocketClosed
from api.notifications.gateway.socket import Socket
from api.notifications.schemas.sockets import Ack, MarkRead, Ping, Pong, Resume, SocketData
from domain.auth.errors import ScopeMissing
from domain.errors import DecodeError
from domain.notifications.errors import NotificationNotFound

MAX_MESSAGES_PER_WINDOW = 30
WINDOW_SECONDS = 10.0
MAX_BAD_FRAMES = 10


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


class ClientMessages:
    """Dispatches client messages. `resume` replays notifications after a sequence number; `broadcast_read` sends all
    sockets of a user what was read at a given time.
    """

    def __init__(
        self,
        notifications: NotificationStore,
        inboxes: InboxStore,
        *,
        resume: Callable[[Socket, int], None],
        broadcast_read: Callable[[str, datetime], Awaitable[None]],
    ) -> None:
        self._notifications = notifications
        self._inboxes = inboxes
        self._resume = resume
        self._broadcast_read = broadcast_read

    async def handle_until_closed(self, socket: Socket) -> None:
        """Handle messages until the client closes.

        Raises SocketClosed after too many messages or bad frames, and ConnectionClosed.
        """
        rate: MessageRate | None = None
        bad_count = 0
        async for message in socket.connection:
            rate = rate or MessageRate(socket.connection.loop.time)
            if not rate.allow():
                raise SocketClosed(CloseCode.TOO_MANY)
            try:
                await self._answer(socket, frames.parse_frame(message))
            except frames.BadFrame as bad:
                bad_count += 1
                if bad_count == MAX_BAD_FRAMES:
                    raise SocketClosed(CloseCode.BAD_FRAMES) from None
                socket.push(frames.bad_frame_frame(bad, socket.user_id))

    async def _answer(self, socket: Socket, message: SocketData) -> None:
        """Handle one message. Refusals and outages of dependencies are sent as error frames; the socket stays open."""
        try:
            await self._handle(message, socket)
        except DecodeError as error:
            socket.push(frames.refusal_frame(error, socket.user_id))
        except Exception as error:
            if not is_unavailable(error):
                raise
            socket.push(frames.refusal_frame(to_refusal(error), socket.user_id))

    async def _handle(self, message: SocketData, socket: Socket) -> None:
        match message:
            case Resume():
                socket.keeps_count = True
                self._resume(socket, message.after)
            case Ack():
                socket.keeps_count = True
                await self._inboxes.mark_delivered_until(socket.user_id, message.seq, datetime.now(UTC))
            case MarkRead():
                await self._mark_read(socket, message.notification_id)
            case Ping():
                socket.push(frames.build_frame("pong", {}, socket.user_id))
            case Pong():
                pass  # any received data counts as a sign of life
            case _:
                raise frames.BadFrame("This event has no place here.")

    async def _mark_read(self, socket: Socket, notification_id: str) -> None:
        """Mark a notification as read and notify all sockets of the user. Raises NotificationNotFound, ScopeMissing."""
        if not socket.marks_read:
            raise ScopeMissing
        now = current_time()
        notification = await self._notifications.mark_read(socket.user_id, notification_id, now)
        if notification is None:
            raise NotificationNotFound
        if notification.read_at == now:
            await self._broadcast_read(socket.user_id, now)
