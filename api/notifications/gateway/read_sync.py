"""Notifies a user's sockets in this process of notifications read elsewhere: on another device, or over HTTP.

A message may be lost with Redis, and MongoDB may be unavailable when it comes: what may have been missed is read later.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from websockets.exceptions import ConnectionClosed

from adapters.mongo.notifications.inboxes import InboxStore
from api.notifications.gateway import frames
from api.notifications.gateway.rooms import Rooms
from api.notifications.gateway.socket import NotificationSocket

MAX_PER_QUERY = 200
CLOCK_MARGIN = timedelta(seconds=10)
"""Allowance between the stored time of a read and its message: a slow store, and clock skew."""


class ReadSync:
    """Sends `notification_read` frames to the sockets in this process."""

    def __init__(self, rooms: Rooms, inboxes: InboxStore) -> None:
        self._rooms = rooms
        self._inboxes = inboxes
        self._missed_since: datetime | None = None

    def record_gap(self, since: datetime) -> None:
        """Record that messages after `since` may be lost, for the next `push_missed`."""
        self._missed_since = min(since, self._missed_since or since)

    async def push_read(self, user_id: str, at: datetime) -> None:
        """Send what the user read at the time `at`. If that fails it is recorded as missed."""
        with self._missed_unless_shown(at):
            await self._push_range(user_id, at, at)

    async def push_missed(self) -> None:
        """Send what the users in this process have read since the recorded gap. Sockets may get a frame twice."""
        since, self._missed_since = self._missed_since, None
        user_ids = self._rooms.keys()
        if since is None or not user_ids:
            return
        now = datetime.now(UTC)
        with self._missed_unless_shown(since):
            readers = await self._inboxes.find_recent_readers(user_ids, since - CLOCK_MARGIN)
            await asyncio.gather(
                *(self._push_range(reader, since - CLOCK_MARGIN, now + CLOCK_MARGIN) for reader in readers)
            )

    @contextmanager
    def _missed_unless_shown(self, since: datetime) -> Iterator[None]:
        """Record a gap from `since` if the block does not complete. Errors and cancellations propagate."""
        is_shown = False
        try:
            yield
            is_shown = True
        finally:
            if not is_shown:
                self.record_gap(since)

    async def _push_range(self, user_id: str, first: datetime, last: datetime) -> None:
        """Send what the user read from `first` to `last`, to each socket as fast as its peer reads."""
        room = self._rooms.find(user_id)
        after = 0
        while room and room.sockets:
            page = await self._inboxes.find_read_between(user_id, first, last, after=after, limit=MAX_PER_QUERY)
            if not page:
                return
            read_frames = list(map(frames.notification_read_frame, page))
            await asyncio.gather(*(_send_all(socket, read_frames) for socket in room.sockets))
            after = page[-1].seq


async def _send_all(socket: NotificationSocket, pending: Sequence[bytes]) -> None:
    try:
        for frame in pending:
            await socket.send(frame)
    except ConnectionClosed:
        return
