"""Delivers new notifications to live sockets, in order. The rooms that are behind are read many to a query."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import islice

from adapters.mongo.notifications.inboxes import InboxStore, SeqRange
from api.http.outages import logged_unless_away
from api.notifications.gateway import frames
from api.notifications.gateway.rooms import Room, Rooms
from api.notifications.gateway.socket import NotificationSocket
from domain.notifications.notifications import Notification

MAX_ROOMS_PER_QUERY = 64
MAX_SEQS_PER_ROOM = 32
"""Notifications of one user per query, so that a user with many does not delay the others."""
RETRY_PAUSE_SECONDS = 1.0

logger = logging.getLogger("decode.sockets")


class LiveDelivery:
    """The single task that reads notifications for live sockets. `notify_stored` only marks a room, and never waits."""

    def __init__(self, rooms: Rooms, inboxes: InboxStore) -> None:
        self._rooms = rooms
        self._inboxes = inboxes
        self._behind: dict[str, Room] = {}
        self._woken = asyncio.Event()

    def notify_stored(self, user_id: str, seq: int) -> None:
        """Record that notifications of the user are stored up to `seq`, and wake the task."""
        room = self._rooms.find(user_id)
        if room is not None and room.stored_until < seq:
            room.stored_until = seq
            self._behind[user_id] = room
            self._woken.set()

    async def run(self) -> None:
        """Deliver until cancelled. While MongoDB is unavailable all rooms stay behind."""
        while True:
            await self._woken.wait()
            with logged_unless_away("telling failed", to=logger):
                await self._deliver_batch()
                continue
            await asyncio.sleep(RETRY_PAUSE_SECONDS)

    async def _deliver_batch(self) -> None:
        rooms = list(islice(self._behind.values(), MAX_ROOMS_PER_QUERY))
        ranges = [_seq_range(room) for room in rooms]
        notifications = await self._inboxes.read_ranges(ranges) if ranges else []
        marks = self._deliver(notifications)
        for room, seq_range in zip(rooms, ranges, strict=True):
            self._record_sent(room, seq_range)
        if not self._behind:
            self._woken.clear()
        if marks:
            await self._inboxes.mark_delivered(marks, datetime.now(UTC))

    def _deliver(self, notifications: Sequence[Notification]) -> dict[str, list[int]]:
        """Push to live sockets. Return the sequence numbers that count as delivered once written, by user id."""
        marks: dict[str, list[int]] = defaultdict(list)
        for notification in notifications:
            room = self._rooms.find(notification.user_id)
            if room and push_to_live(room.sockets, notification):
                marks[notification.user_id].append(notification.seq)
        return marks

    def _record_sent(self, room: Room, seq_range: SeqRange) -> None:
        """Mark the range as sent, numbers whose notification no longer exists included; keep a room that is behind."""
        room.sent_until = max(room.sent_until, seq_range.until)
        if self._behind.get(room.user_id) is room:
            del self._behind[room.user_id]
        if room.is_behind and self._rooms.find(room.user_id) is room:
            self._behind[room.user_id] = room


def _seq_range(room: Room) -> SeqRange:
    """Return the next range to send to the room's live sockets, `MAX_SEQS_PER_ROOM` long at most."""
    return SeqRange(room.user_id, room.sent_until, min(room.stored_until, room.sent_until + MAX_SEQS_PER_ROOM))


def push_to_live(sockets: Iterable[NotificationSocket], notification: Notification) -> bool:
    """Push to the live sockets that do not have it yet. Return whether that counts as delivery, as it does for clients
    that do not acknowledge.
    """
    behind = [socket for socket in sockets if socket.is_live and socket.sent_until < notification.seq]
    if not behind:
        return False
    frame = frames.notification_received_frame(notification)
    for socket in behind:
        socket.sent_until = notification.seq
        socket.push(frame)
    return any(not socket.keeps_count for socket in behind)
