"""Notifications, and following them over a WebSocket."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from decode_client.calls import Caller
from decode_client.generated.answers import NotificationView
from decode_client.generated.operations import Notifications
from decode_client.session import Session
from decode_client.sockets import Sockets

ACK_SECONDS = 1.0


class LiveNotifications(Notifications):
    """The operations of notifications, and `follow`."""

    def __init__(self, caller: Caller, url: str, session: Session) -> None:
        super().__init__(caller)
        self._sockets = Sockets(url, "/notifications", session)

    async def follow(self, after: int = 0) -> AsyncGenerator[NotificationView, None]:
        """Yield every notification with a number above `after`, in order, each once, for as long as the session lives.

        A lost connection is made again, and resumes from the last number. Raises DecodeError when it is closed for
        good; its status is the close code, or 401 when the session could not be refreshed.
        """
        async with aclosing(self._sockets.opened(lambda: {"after": after})) as sockets:
            async for socket in sockets:
                async with aclosing(_received(socket, after)) as received:
                    async for notification in received:
                        after = notification.seq
                        yield notification


async def _received(socket: ClientConnection, acknowledged: int) -> AsyncGenerator[NotificationView, None]:
    """Yield the notifications of one connection. One ack a second at most: a number acknowledges all before it."""
    clock = asyncio.get_running_loop().time
    got, ack_at = acknowledged, clock() + ACK_SECONDS
    with suppress(ConnectionClosed):
        while True:
            try:
                async with asyncio.timeout_at(max(ack_at, clock()) if got > acknowledged else None):
                    frame = json.loads(await socket.recv())
            except TimeoutError:
                await socket.send(json.dumps({"event": "ack", "data": {"seq": got}}))
                acknowledged, ack_at = got, clock() + ACK_SECONDS
                continue
            if frame["event"] == "notification_received":
                got = frame["data"]["seq"]
                yield NotificationView.model_validate(frame["data"])
