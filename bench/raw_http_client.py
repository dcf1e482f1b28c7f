"""An HTTP client with minimal cost, so that the server limits the throughput: one connection, raw bytes."""

import asyncio
import json
import secrets
from typing import Any
from urllib.parse import urlsplit

AGAIN = frozenset({202, 503})
"""A step of a flow that is under way, or that no worker has accepted: the client asks again."""
AGAIN_SECONDS = 0.5


class Refused(Exception):
    """A response other than 2xx; the message is its body."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status


class RawHttpClient:
    """One keep-alive connection, for measurements only: it expects Content-Length in each response.

    As a proxy in front of the API it can speak for any client: `address` is the client's, by which limits count.
    """

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self._host, self._port = place.hostname or "127.0.0.1", place.port or 80
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str, token: str = "", address: str = "", *, device: str = "") -> dict[str, Any]:
        """Return the JSON of a 2xx response to GET with this token, on this device. Raises Refused."""
        head = self._head("GET", path, token, address)
        head += f"X-Fingerprint-Hash: {device}\r\n" if device else ""
        return await self._exchange(f"{head}\r\n".encode())

    async def post(
        self, path: str, body: dict[str, Any], token: str = "", address: str = "", *, key: str = ""
    ) -> dict[str, Any]:
        """Return the JSON of a 2xx response to POST, with this Idempotency-Key. Raises Refused."""
        content = json.dumps(body).encode()
        head = f"{self._head('POST', path, token, address)}Content-Type: application/json\r\n"
        head += f"Idempotency-Key: {key}\r\n" if key else ""
        return await self._exchange(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content)

    async def post_step(self, path: str, body: dict[str, Any], address: str) -> dict[str, Any]:
        """Return the JSON of a step of a flow; asks again while a busy machine has not done it. Raises Refused."""
        key = secrets.token_hex(16)
        while True:
            try:
                answer = await self.post(path, body, address=address, key=key)
            except Refused as refused:
                if refused.status not in AGAIN:
                    raise
            else:
                if answer["statusCode"] not in AGAIN:
                    return answer
            await asyncio.sleep(AGAIN_SECONDS)

    def _head(self, method: str, path: str, token: str, address: str) -> str:
        head = f"{method} {path} HTTP/1.1\r\nHost: {self._host}\r\n"
        head += f"Authorization: Bearer {token}\r\n" if token else ""
        return head + (f"X-Forwarded-For: {address}\r\n" if address else "")

    async def _exchange(self, request: bytes) -> dict[str, Any]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        content = await reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 2"):
            raise Refused(int(head.split(b" ", 2)[1]), content.decode())
        answer: dict[str, Any] = json.loads(content)
        return answer
