"""Tells live sockets what is stored: whoever is behind is read for, many people in one query, and told in order."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from adapters.mongo.notifications.inboxes import InboxStore, Span
from api.http.outages import logged_unless_away
from api.notifications.gateway import frames
from api.notifications.gateway.rooms import Room, Rooms
from api.notifications.gateway.socket import Socket
from domain.notifications.notifications import Notification

ROOMS_AT_ONCE = 64
NUMBERS_AT_ONCE = 32
"""So many of one person are read at a time: nobody waits long behind somebody who has many."""
PAUSE_SECONDS = 1.0

logger = logging.getLogger("decode.sockets")


class Telling:
    """The one task that reads for live sockets. `told` is waited for by nobody."""

    def __init__(self, rooms: Rooms, inboxes: InboxStore) -> None:
        self._rooms = rooms
        self._inboxes = inboxes
        self._behind: dict[str, Room] = {}
        self._woken = asyncio.Event()

    def stored(self, user_id: str, seq: int) -> None:
        """The person's notifications go up to `seq` now."""
        room = self._rooms.find(user_id)
        if room is not None and room.stored_until < seq:
            room.stored_until = seq
            self._behind[user_id] = room
            self._woken.set()

    async def go_on(self) -> None:
        """Tell for as long as the process lives. While MongoDB is away everybody stays behind."""
        while True:
            await self._woken.wait()
            with logged_unless_away("telling failed", to=logger):
                await self._tell_some()
                continue
            await asyncio.sleep(PAUSE_SECONDS)

    async def _tell_some(self) -> None:
        rooms = [self._behind[user_id] for user_id in list(self._behind)[:ROOMS_AT_ONCE]]
        spans = [_span(room) for room in rooms]
        found = await self._inboxes.read_spans(spans) if spans else []
        marks = self._tell(found)
        for room, span in zip(rooms, spans, strict=True):
            self._note(room, span)
        if not self._behind:
            self._woken.clear()
        if marks:
            await self._inboxes.mark_delivered(marks, datetime.now(UTC))

    def _tell(self, found: Sequence[Notification]) -> dict[str, list[int]]:
        """Returns what counts as delivered by having been written, by person."""
        marks: dict[str, list[int]] = defaultdict(list)
        for notification in found:
            room = self._rooms.find(notification.user_id)
            if room and tell(room.sockets, notification):
                marks[notification.user_id].append(notification.seq)
        return marks

    def _note(self, room: Room, span: Span) -> None:
        """Where a number has no notification any more, it has been told all the same."""
        room.told_until = max(room.told_until, span.until)
        if self._behind.get(room.user_id) is room:
            del self._behind[room.user_id]
        if room.is_behind and self._rooms.find(room.user_id) is room:
            self._behind[room.user_id] = room


def _span(room: Room) -> Span:
    return Span(room.user_id, room.told_until, min(room.stored_until, room.told_until + NUMBERS_AT_ONCE))


def tell(sockets: Iterable[Socket], notification: Notification) -> bool:
    """Push to the live sockets that do not have it. Whether any of them counts it as delivered by that."""
    behind = [socket for socket in sockets if socket.is_live and socket.told_until < notification.seq]
    if not behind:
        return False
    frame = frames.notification_received(notification)
    for socket in behind:
        socket.told_until = notification.seq
        socket.push(frame)
    return any(not socket.keeps_count for socket in behind)
