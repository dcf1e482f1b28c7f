"""Replays missed notifications to one socket, as fast as its peer reads, then makes it live without gap or repeat."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

from websockets.exceptions import ConnectionClosed

from adapters.mongo.notifications.inboxes import InboxStore, SeqRange
from api.http.outages import logged_unless_away
from api.notifications.gateway import frames
from api.notifications.gateway.live_delivery import LiveDelivery
from api.notifications.gateway.rooms import Room, Rooms
from api.notifications.gateway.socket import NotificationSocket
from api.sockets.close_codes import CloseCode
from domain.notifications.notifications import Notification

PAGE_SIZE = 50
RESUME_WAIT_SECONDS = 1.0
"""Time for the client to send `resume` before undelivered notifications are replayed."""

logger = logging.getLogger("decode.sockets")


class Replays:
    """The running replays: one per socket, in its own task. A newer replay replaces an older one."""

    def __init__(self, rooms: Rooms, inboxes: InboxStore, live_delivery: LiveDelivery) -> None:
        self._rooms = rooms
        self._inboxes = inboxes
        self._live_delivery = live_delivery
        self._tasks: dict[NotificationSocket, asyncio.Task[None]] = {}

    def resume(self, socket: NotificationSocket, after: int) -> None:
        """Replay notifications newer than `after`, the last sequence number that the client has."""
        self._start(socket, partial(self._replay_known, socket, after))

    def resume_later(self, socket: NotificationSocket, room: Room) -> None:
        """Replay undelivered notifications, unless the client sends `resume` within a second."""
        socket.connection.loop.call_later(RESUME_WAIT_SECONDS, self._resume_unasked, socket, room)

    def cancel(self, socket: NotificationSocket) -> None:
        """Cancel the socket's replay, if one is running."""
        task = self._tasks.pop(socket, None)
        if task is not None:
            task.cancel()

    def _resume_unasked(self, socket: NotificationSocket, room: Room) -> None:
        if socket.is_open and not socket.is_live and socket not in self._tasks:
            self._start(socket, partial(push_undelivered, socket, room, self._inboxes))

    def _start(self, socket: NotificationSocket, work: Callable[[], Awaitable[None]]) -> None:
        self.cancel(socket)
        task = self._tasks[socket] = asyncio.create_task(_run(socket, work))
        task.add_done_callback(lambda done: self._forget(socket, done))

    def _forget(self, socket: NotificationSocket, done: asyncio.Task[None]) -> None:
        if self._tasks.get(socket) is done:
            del self._tasks[socket]

    async def _replay_known(self, socket: NotificationSocket, after: int) -> None:
        """Replay from `after`. If that is ahead of this process, read the last number again: the client may have newer
        notifications, or numbers from a store that no longer exists. Then it has none of those that are stored from now
        on.
        """
        room = self._rooms.find(socket.user_id)
        if room is None:
            return
        known = room.stored_until
        if after > known:
            last_seq = (await self._inboxes.find_last_seqs([socket.user_id])).get(socket.user_id, 0)
            self._live_delivery.notify_stored(socket.user_id, last_seq)
            after = after if after <= last_seq else known
        await replay(socket, room, self._inboxes, after=after)


async def _run(socket: NotificationSocket, work: Callable[[], Awaitable[None]]) -> None:
    """Run a replay. If it fails, close the socket with TRY_AGAIN: the client reconnects and resumes."""
    with logged_unless_away("catching up failed", to=logger):
        with suppress(ConnectionClosed):
            await work()
        return
    socket.close(CloseCode.TRY_AGAIN)


async def replay(socket: NotificationSocket, room: Room, inboxes: InboxStore, *, after: int) -> None:
    """Send all notifications newer than `after`, in order; then the socket is live. Raises ConnectionClosed."""
    socket.is_live, socket.sent_until = False, after
    while socket.sent_until < room.stored_until:
        until = min(room.stored_until, socket.sent_until + PAGE_SIZE)
        page = await inboxes.read_ranges([SeqRange(socket.user_id, socket.sent_until, until)])
        await _send_page(socket, inboxes, page)
        socket.sent_until = until
    socket.is_live = True


async def push_undelivered(socket: NotificationSocket, room: Room, inboxes: InboxStore) -> None:
    """Send undelivered notifications, oldest first, then those stored meanwhile. Raises ConnectionClosed."""
    after, until = 0, room.stored_until
    while page := await inboxes.read_undelivered(SeqRange(socket.user_id, after, until), limit=PAGE_SIZE):
        await _send_page(socket, inboxes, page)
        after = page[-1].seq
    await replay(socket, room, inboxes, after=until)


async def _send_page(socket: NotificationSocket, inboxes: InboxStore, page: Sequence[Notification]) -> None:
    """Send the notifications. What a client that does not acknowledge was sent counts as delivered."""
    for notification in page:
        await socket.send(frames.notification_received_frame(notification))
    if page and not socket.keeps_count:
        await inboxes.mark_delivered({socket.user_id: [notification.seq for notification in page]}, datetime.now(UTC))
