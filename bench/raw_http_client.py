"""An HTTP client with minimal cost, so that the server limits the throughput: one connection, raw bytes."""

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit


class RawHttpClient:
    """One keep-alive connection, for measurements only: it expects Content-Length in each response."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self._host, self._port = place.hostname or "127.0.0.1", place.port or 80
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str, token: str = "") -> dict[str, Any]:
        """Return the JSON of a 2xx response to GET with this token. Raises RuntimeError with the body otherwise."""
        head = f"GET {path} HTTP/1.1\r\nHost: {self._host}\r\nAuthorization: Bearer {token}\r\n\r\n"
        return await self._exchange(head.encode())

    async def post(self, path: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
        """Return the JSON of a 2xx response to POST. Raises RuntimeError with the body otherwise."""
        content = json.dumps(body).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: {self._host}\r\nContent-Type: application/json\r\n"
        head += f"Authorization: Bearer {token}\r\n" if token else ""
        return await self._exchange(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content)

    async def _exchange(self, request: bytes) -> dict[str, Any]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        content = await reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 2"):
            raise RuntimeError(content.decode())
        answer: dict[str, Any] = json.loads(content)
        return answer
