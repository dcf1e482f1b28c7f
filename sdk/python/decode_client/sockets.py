"""WebSockets of one path that are opened again after a lost connection."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from urllib.parse import urlencode

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from decode_client.connection import LATER
from decode_client.errors import DecodeError
from decode_client.session import Session

NOT_AUTHENTICATED = 4401
FINAL = {
    4400: ("InvalidInput", "the id of the chat, or the number to go on from, is not valid"),
    NOT_AUTHENTICATED: ("NotAuthenticated", "sign in again"),
    4403: ("Forbidden", "this page, this account or this API key may not connect"),
    4409: ("SessionEnded", "the session has ended"),
}
"""Close codes after which the client must not reconnect (docs/asyncapi.yaml)."""

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
MAX_FRAME_BYTES = 8 * 2**20

Query = Mapping[str, str | int]


class Sockets:
    """Opens WebSockets of the API at `url`, as the user of a session or with its API key."""

    def __init__(self, url: str, path: str, session: Session) -> None:
        self._place = f"{url.rstrip('/').replace('http', 'ws', 1)}{path}"
        self._session = session

    async def opened(self, query: Callable[[], Query]) -> AsyncGenerator[ClientConnection, None]:
        """Yield a connection, and another each time that the one before is lost or given up. `query`: of the next one.

        Raises DecodeError when it is closed for good; its status is the close code, or 401 when the session could not
        be refreshed.
        """
        clock = asyncio.get_running_loop().time
        pause, refused = FIRST_PAUSE_SECONDS, None
        while True:
            began = clock()
            try:
                token = await (self._session.renew(refused) if refused else self._session.access_token())
                async with self._connect(token, query()) as socket:
                    yield socket
                # A refused access token is exchanged once.
                if socket.close_code == NOT_AUTHENTICATED and token and not refused:
                    refused = token
                    continue
                _raise_if_final(socket.close_code)
            except DecodeError as error:
                if (error.status < 500 and error.status not in LATER) or error.status in FINAL:
                    raise
            except (OSError, InvalidHandshake, ConnectionClosed, httpx.TransportError):
                pass  # The server is unreachable: connect again after the pause.
            was_connected = clock() - began > pause
            pause, refused = FIRST_PAUSE_SECONDS if was_connected else min(2 * pause, LONGEST_PAUSE_SECONDS), None
            await asyncio.sleep(pause)

    def _connect(self, token: str | None, query: Query) -> connect:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return connect(f"{self._place}?{urlencode(query)}", additional_headers=headers, max_size=MAX_FRAME_BYTES)


def _raise_if_final(code: int | None) -> None:
    if code in FINAL:
        error, message = FINAL[code]
        raise DecodeError(error, message, status=code)
