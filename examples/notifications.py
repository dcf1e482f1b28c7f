"""Prints a user's notifications as they arrive: `python examples/notifications.py URL ACCESS_TOKEN [AFTER]`.

URL is the API's, such as http://127.0.0.1:4000. Needs only the package `websockets`. Each notification is printed
once and in order: after a lost connection the client resumes from the last one.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

FINAL = {4401: "sign in again", 4403: "this origin may not connect", 4409: "the session has ended"}
"""Close codes after which the client must not reconnect."""

ACK_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0


class Over(Exception):
    """The server closed the connection for good; the text says why."""


async def follow(url: str, token: Callable[[], str], after: int = 0) -> AsyncIterator[dict[str, Any]]:
    """Yield every notification with a number above `after`. `token` returns a valid access token. Raises Over."""
    place = f"{url.rstrip('/').replace('http', 'ws', 1)}/notifications"
    pause = 0.5
    while True:
        headers = {"Authorization": f"Bearer {token()}"}
        try:
            async with connect(f"{place}?after={after}", additional_headers=headers) as socket:
                async for notification in _received(socket, after):
                    pause, after = 0.5, notification["seq"]
                    yield notification
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else 0
            if code in FINAL:
                raise Over(FINAL[code]) from None
        except (OSError, InvalidHandshake):
            pass  # The server is unreachable: reconnect after the pause.
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


async def _received(socket: ClientConnection, acknowledged: int) -> AsyncIterator[dict[str, Any]]:
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
            yield frame["data"]


async def main() -> int:
    url, token, after = (*sys.argv[1:], "0")[:3]
    try:
        async for notification in follow(url, lambda: token, int(after)):
            sys.stdout.write(f"{notification['seq']:>6}  {notification['title']}: {notification['message']}\n")
            sys.stdout.flush()
    except Over as over:
        sys.stderr.write(f"{over}\n")
    return 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
