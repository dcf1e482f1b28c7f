"""Brings one socket up to date, at the pace at which its peer reads, and lets it go live without gap or repeat."""

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
from api.notifications.gateway.close_codes import CloseCode
from api.notifications.gateway.live_delivery import LiveDelivery
from api.notifications.gateway.rooms import Room, Rooms
from api.notifications.gateway.socket import Socket
from domain.notifications.notifications import Notification

PAGE_SIZE = 50
RESUME_WAIT_SECONDS = 1.0
"""So long a client may take to say from where it resumes."""

logger = logging.getLogger("decode.sockets")


class Replays:
    """The replays under way: one a socket, in a task of its own. A newer one takes the place of an older one."""

    def __init__(self, rooms: Rooms, inboxes: InboxStore, telling: LiveDelivery) -> None:
        self._rooms = rooms
        self._inboxes = inboxes
        self._telling = telling
        self._tasks: dict[Socket, asyncio.Task[None]] = {}

    def resume(self, socket: Socket, after: int) -> None:
        """Replay what is newer than `after`, the last number that the client has."""
        self._start(socket, partial(self._replay_known, socket, after))

    def resume_later(self, socket: Socket, room: Room) -> None:
        """Replay what is undelivered, unless the client says within a second from where it resumes."""
        socket.connection.loop.call_later(RESUME_WAIT_SECONDS, self._resume_unasked, socket, room)

    def cancel(self, socket: Socket) -> None:
        task = self._tasks.pop(socket, None)
        if task is not None:
            task.cancel()

    def _resume_unasked(self, socket: Socket, room: Room) -> None:
        if socket.is_open and not socket.is_live and socket not in self._tasks:
            self._start(socket, partial(push_undelivered, socket, room, self._inboxes))

    def _start(self, socket: Socket, work: Callable[[], Awaitable[None]]) -> None:
        self.cancel(socket)
        task = self._tasks[socket] = asyncio.create_task(_run(socket, work))
        task.add_done_callback(lambda done: self._forget(socket, done))

    def _forget(self, socket: Socket, done: asyncio.Task[None]) -> None:
        if self._tasks.get(socket) is done:
            del self._tasks[socket]

    async def _replay_known(self, socket: Socket, after: int) -> None:
        """A client ahead of us may know more than we do, or its numbers are of a store that is no more."""
        room = self._rooms.find(socket.user_id)
        if room is None:
            return
        if after > room.stored_until:
            last_seqs = await self._inboxes.find_last_seqs([socket.user_id])
            self._telling.notify_stored(socket.user_id, last_seqs.get(socket.user_id, 0))
        await replay(socket, room, self._inboxes, after=min(after, room.stored_until))


async def _run(socket: Socket, work: Callable[[], Awaitable[None]]) -> None:
    """A replay that fails closes its socket: what cannot be read now is asked for again by a client that resumes."""
    with logged_unless_away("catching up failed", to=logger):
        with suppress(ConnectionClosed):
            await work()
        return
    socket.close(CloseCode.TRY_AGAIN)


async def replay(socket: Socket, room: Room, inboxes: InboxStore, *, after: int) -> None:
    """Everything newer than `after`, in order; then the socket is live. Raises ConnectionClosed."""
    socket.is_live, socket.sent_until = False, after
    while socket.sent_until < room.stored_until:
        until = min(room.stored_until, socket.sent_until + PAGE_SIZE)
        for notification in await inboxes.read_ranges([SeqRange(socket.user_id, socket.sent_until, until)]):
            await socket.send(frames.notification_received_frame(notification))
        socket.sent_until = until
    socket.is_live = True


async def push_undelivered(socket: Socket, room: Room, inboxes: InboxStore) -> None:
    """What nobody has got yet, oldest first, and then what came meanwhile. Raises ConnectionClosed."""
    after, until = 0, room.stored_until
    while page := await inboxes.read_undelivered(SeqRange(socket.user_id, after, until), limit=PAGE_SIZE):
        await _send_all(socket, page)
        after = page[-1].seq
        if not socket.keeps_count:
            await inboxes.mark_delivered({socket.user_id: [each.seq for each in page]}, datetime.now(UTC))
    await replay(socket, room, inboxes, after=until)


async def _send_all(socket: Socket, page: Sequence[Notification]) -> None:
    for notification in page:
        await socket.send(frames.notification_received_frame(notification))
