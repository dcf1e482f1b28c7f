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

MOST_AT_ONCE = 200
MARGIN = timedelta(seconds=10)
"""From the time of reading to the word of it: a slow store, and clocks that differ."""


class Reading:
    def __init__(self, rooms: Rooms, inboxes: InboxStore) -> None:
        self._rooms = rooms
        self._inboxes = inboxes
        self._missed_since: datetime | None = None

    def missed(self, since: datetime) -> None:
        """Words said after `since` did not come: `show_missed` is to look for what they were about."""
        self._missed_since = min(since, self._missed_since or since)

    async def show(self, user_id: str, at: datetime) -> None:
        """All that the person has read at this very time. Unless it gets through it counts as missed."""
        with self._missed_unless_shown(at):
            await self._show(user_id, at, at)

    async def show_missed(self) -> None:
        """All that people here have read since words were missed. Who has seen it already sees it again."""
        since, self._missed_since = self._missed_since, None
        people = [room.user_id for room in self._rooms.all()]
        if since is None or not people:
            return
        now = datetime.now(UTC)
        with self._missed_unless_shown(since):
            readers = await self._inboxes.readers(people, since - MARGIN)
            await asyncio.gather(*(self._show(reader, since - MARGIN, now + MARGIN) for reader in readers))

    @contextmanager
    def _missed_unless_shown(self, since: datetime) -> Iterator[None]:
        """Whatever keeps the block from its end, an error or a cancellation, passes on."""
        is_shown = False
        try:
            yield
            is_shown = True
        finally:
            if not is_shown:
                self.missed(since)

    async def _show(self, user_id: str, first: datetime, last: datetime) -> None:
        """To each socket at its own pace."""
        room = self._rooms.find(user_id)
        after = 0
        while room and room.sockets:
            page = await self._inboxes.read_between(user_id, first, last, after=after, limit=MOST_AT_ONCE)
            if not page:
                return
            told = list(map(frames.notification_read, page))
            await asyncio.gather(*(_send_all(socket, told) for socket in room.sockets))
            after = page[-1].seq


async def _send_all(socket: Socket, told: Sequence[bytes]) -> None:
    try:
        for frame in told:
            await socket.send(frame)
    except ConnectionClosed:
        return
