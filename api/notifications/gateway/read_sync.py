"""Shows a person's sockets in this process what was read elsewhere: on another device, or over HTTP.

A word of it may be lost with Redis, and MongoDB may be away when it comes: what may have been missed is looked for.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from websockets.exceptions import ConnectionClosed

from adapters.mongo.notifications.inboxes import InboxStore
from api.notifications.gateway import frames
from api.notifications.gateway.rooms import Rooms
from api.notifications.gateway.socket import Socket

MAX_PER_QUERY = 200
CLOCK_MARGIN = timedelta(seconds=10)
"""From the time of reading to the word of it: a slow store, and clocks that differ."""


class ReadSync:
    def __init__(self, rooms: Rooms, inboxes: InboxStore) -> None:
        self._rooms = rooms
        self._inboxes = inboxes
        self._missed_since: datetime | None = None

    def record_gap(self, since: datetime) -> None:
        """Words said after `since` did not come: `push_missed` is to look for what they were about."""
        self._missed_since = min(since, self._missed_since or since)

    async def push_read(self, user_id: str, at: datetime) -> None:
        """All that the person has read at this very time. Unless it gets through it counts as missed."""
        with self._missed_unless_shown(at):
            await self._push_range(user_id, at, at)

    async def push_missed(self) -> None:
        """All that people here have read since words were missed. Who has seen it already sees it again."""
        since, self._missed_since = self._missed_since, None
        people = [room.user_id for room in self._rooms.all()]
        if since is None or not people:
            return
        now = datetime.now(UTC)
        with self._missed_unless_shown(since):
            readers = await self._inboxes.find_recent_readers(people, since - CLOCK_MARGIN)
            await asyncio.gather(
                *(self._push_range(reader, since - CLOCK_MARGIN, now + CLOCK_MARGIN) for reader in readers)
            )

    @contextmanager
    def _missed_unless_shown(self, since: datetime) -> Iterator[None]:
        """Whatever keeps the block from its end, an error or a cancellation, passes on."""
        is_shown = False
        try:
            yield
            is_shown = True
        finally:
            if not is_shown:
                self.record_gap(since)

    async def _push_range(self, user_id: str, first: datetime, last: datetime) -> None:
        """To each socket at its own pace."""
        room = self._rooms.find(user_id)
        after = 0
        while room and room.sockets:
            page = await self._inboxes.find_read_between(user_id, first, last, after=after, limit=MAX_PER_QUERY)
            if not page:
                return
            told = list(map(frames.notification_read_frame, page))
            await asyncio.gather(*(_send_all(socket, told) for socket in room.sockets))
            after = page[-1].seq


async def _send_all(socket: Socket, pending: Sequence[bytes]) -> None:
    try:
        for frame in pending:
            await socket.send(frame)
    except ConnectionClosed:
        return
