"""Notifications, and following them over a WebSocket."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from decode_client.calls import Caller
from decode_client.connection import LATER
from decode_client.errors import DecodeError
from decode_client.generated.answers import NotificationView
from decode_client.generated.operations import Notifications
from decode_client.session import Session

NOT_AUTHENTICATED = 4401
FINAL = {
    NOT_AUTHENTICATED: ("NotAuthenticated", "sign in again"),
    4403: ("Forbidden", "this page, this account or this API key may not connect"),
    4409: ("SessionEnded", "the session has ended"),
}
"""Close codes after which the client must not reconnect (docs/asyncapi.yaml)."""

ACK_SECONDS = 1.0
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0


class LiveNotifications(Notifications):
    """The operations of notifications, and `follow`."""

    def __init__(self, caller: Caller, url: str, session: Session) -> None:
        super().__init__(caller)
        self._place = f"{url.rstrip('/').replace('http', 'ws', 1)}/notifications"
        self._session = session

    async def follow(self, after: int = 0) -> AsyncGenerator[NotificationView, None]:
        """Yield every notification with a number above `after`, in order, each once, for as long as the session lives.

        A lost connection is made again, and resumes from the last number. Raises DecodeError when it is closed for
        good; its status is the close code, or 401 when the session could not be refreshed.
        """
        clock = asyncio.get_running_loop().time
        pause = FIRST_PAUSE_SECONDS
        while True:
            began = clock()
            try:
                async with aclosing(self._connected(after)) as received:
                    async for notification in received:
                        after = notification.seq
                        yield notification
            except ConnectionClosed as closed:
                _raise_if_final(closed)
            except DecodeError as refused:
                if refused.status < 500 and refused.status not in LATER:
                    raise
            except (OSError, InvalidHandshake, httpx.TransportError):
                pass  # The server is unreachable: connect again after the pause.
            was_connected = clock() - began > pause
            pause = FIRST_PAUSE_SECONDS if was_connected else min(2 * pause, LONGEST_PAUSE_SECONDS)
            await asyncio.sleep(pause)

    async def _connected(self, after: int) -> AsyncGenerator[NotificationView, None]:
        """Yield what one connection brings. A refused access token is exchanged once."""
        token = await self._session.access_token()
        try:
            async with self._socket(token, after) as socket:
                async for notification in _received(socket, after):
                    after = notification.seq
                    yield notification
        except ConnectionClosed as closed:
            if _code(closed) != NOT_AUTHENTICATED or token is None:
                raise
        async with self._socket(await self._session.renew(token), after) as socket:
            async for notification in _received(socket, after):
                yield notification

    def _socket(self, token: str | None, after: int) -> connect:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return connect(f"{self._place}?after={after}", additional_headers=headers)


async def _received(socket: ClientConnection, acknowledged: int) -> AsyncIterator[NotificationView]:
    """Yield the notifications of one connection. One ack a second at most: a number acknowledges all before it."""
    clock = asyncio.get_running_loop().time
    got, ack_at = acknowledged, clock() + ACK_SECONDS
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


def _raise_if_final(closed: ConnectionClosed) -> None:
    code = _code(closed)
    if code in FINAL:
        error, message = FINAL[code]
        raise DecodeError(error, message, status=code) from None


def _code(closed: ConnectionClosed) -> int:
    return closed.rcvd.code if closed.rcvd else 0
