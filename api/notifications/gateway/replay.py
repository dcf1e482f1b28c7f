"""Brings one socket up to date, at the pace at which its peer reads, and lets it go live without gap or repeat."""

from collections.abc import Sequence
from datetime import UTC, datetime

from adapters.mongo.notifications.inboxes import InboxStore, Span
from api.notifications.gateway import frames
from api.notifications.gateway.rooms import Room
from api.notifications.gateway.socket import Socket
from domain.notifications.notifications import Notification

PAGE = 50


async def replay(socket: Socket, room: Room, inboxes: InboxStore, *, after: int) -> None:
    """Everything newer than `after`, in order; then the socket is live. Raises ConnectionClosed."""
    socket.is_live, socket.told_until = False, after
    while socket.told_until < room.stored_until:
        until = min(room.stored_until, socket.told_until + PAGE)
        for notification in await inboxes.read_spans([Span(socket.user_id, socket.told_until, until)]):
            await socket.send(frames.notification_received(notification))
        socket.told_until = until
    socket.is_live = True


async def push_undelivered(socket: Socket, room: Room, inboxes: InboxStore) -> None:
    """What nobody has got yet, oldest first, and then what came meanwhile. Raises ConnectionClosed."""
    after, until = 0, room.stored_until
    while page := await inboxes.read_undelivered(Span(socket.user_id, after, until), limit=PAGE):
        await _send_all(socket, page)
        after = page[-1].seq
        if not socket.keeps_count:
            await inboxes.mark_delivered({socket.user_id: [each.seq for each in page]}, datetime.now(UTC))
    await replay(socket, room, inboxes, after=until)


async def _send_all(socket: Socket, page: Sequence[Notification]) -> None:
    for notification in page:
        await socket.send(frames.notification_received(notification))
