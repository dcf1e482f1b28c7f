"""Handles what clients say about notifications on their open sockets."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from adapters.mongo.notifications.inboxes import InboxStore
from adapters.mongo.notifications.notifications import NotificationStore
from api.access.request_context import current_time
from api.notifications.gateway.socket import NotificationSocket
from api.notifications.schemas.sockets import Ack, MarkRead, Resume
from api.sockets.messages import SocketData
from api.sockets.socket_limits import SocketLimits
from domain.auth.errors import ScopeMissing
from domain.errors import RateLimited
from domain.notifications.errors import NotificationNotFound


class ClientMessages:
    """Dispatches client messages. `resume` replays notifications after a sequence number; `broadcast_read` sends all
    sockets of a user what was read at a given time.
    """

    def __init__(
        self,
        notifications: NotificationStore,
        inboxes: InboxStore,
        limits: SocketLimits,
        *,
        resume: Callable[[NotificationSocket, int], None],
        broadcast_read: Callable[[str, datetime], Awaitable[None]],
    ) -> None:
        self._notifications = notifications
        self._inboxes = inboxes
        self._limits = limits
        self._resume = resume
        self._broadcast_read = broadcast_read

    async def handle(self, message: SocketData, socket: NotificationSocket) -> None:
        """Handle one message. Raises NotificationNotFound, ScopeMissing, RateLimited, and drivers' errors."""
        match message:
            case Resume():
                socket.keeps_count = True
                self._resume(socket, message.after)
            case Ack():
                socket.keeps_count = True
                await self._inboxes.mark_delivered_until(socket.user_id, message.seq, datetime.now(UTC))
            case MarkRead():
                await self._mark_read(socket, message.notification_id)

    async def _mark_read(self, socket: NotificationSocket, notification_id: str) -> None:
        """Mark a notification as read and notify all sockets of the user.

        Raises NotificationNotFound, ScopeMissing, and RateLimited over the limit of an API key.
        """
        if not socket.marks_read:
            raise ScopeMissing
        decision = await self._limits.count(socket)
        if decision and not decision.is_allowed:
            raise RateLimited(retry_after=decision.retry_after)
        now = current_time()
        notification = await self._notifications.mark_read(socket.user_id, notification_id, now)
        if notification is None:
            raise NotificationNotFound
        if notification.read_at == now:
            await self._broadcast_read(socket.user_id, now)
