"""Shows a person's sockets in this process what was read elsewhere: on another device, or over HTTP."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from websockets.exceptions import ConnectionClosed

from adapters.mongo.inboxes import InboxStore
from api.gateway import frames
from api.gateway.rooms import Rooms
from api.gateway.socket import Socket

MOST_AT_ONCE = 200


class Reading:
    def __init__(self, rooms: Rooms, inboxes: InboxStore) -> None:
        self._rooms = rooms
        self._inboxes = inboxes

    async def show(self, user_id: str, at: datetime) -> None:
        """All that the person has read at this very time, to each socket at its own pace."""
        room = self._rooms.find(user_id)
        after = 0
        while room and room.sockets:
            page = await self._inboxes.read_at(user_id, at, after=after, limit=MOST_AT_ONCE)
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
