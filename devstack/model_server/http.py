"""HTTP/1.1 as far as model clients speak it: requests with Content-Length, answers in chunks, kept connections."""

import asyncio
import json
import socket
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Request:
    """`path` without its query; names of headers in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """Return the next request of a connection; None once the client has closed it."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        line, *fields = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
    except asyncio.IncompleteReadError:
        return None
    method, target, _ = line.split(" ")
    return Request(method, target.partition("?")[0], headers, body)


class Response:
    """The response to one request. Each call is a write of its own to the socket."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.is_whole = False
        """Whether it was ended in order."""
        self.began_at: float | None = None
        """When its first byte was written, in seconds since 1970."""

    async def send_json(self, status: int, value: object, headers: Mapping[str, str] | None = None) -> None:
        """Send a whole response."""
        body = json.dumps(value, ensure_ascii=False).encode()
        await self._write(
            _head(status, {"content-type": JSON, "content-length": f"{len(body)}", **(headers or {})}) + body
        )
        self.is_whole = True

    async def start(self, content_type: str) -> None:
        """Begin a response in chunks."""
        await self._write(_head(200, {"content-type": content_type, "transfer-encoding": "chunked"}))

    async def send(self, data: bytes) -> None:
        """Send one chunk."""
        await self._write(b"%x\r\n%b\r\n" % (len(data), data))

    async def end(self) -> None:
        """End the chunks in order."""
        await self._write(b"0\r\n\r\n")
        self.is_whole = True

    def close(self) -> None:
        """Close the connection amid the response."""
        self._writer.close()

    def reset(self) -> None:
        """Close it by RST: a socket that does not linger drops what it has (socket(7))."""
        self._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def _write(self, data: bytes) -> None:
        self.began_at = self.began_at or time.time()
        self._writer.write(data)
        await self._writer.drain()


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    try:
        reason = HTTPStatus(status).phrase
    except ValueError:
        reason = "Overloaded"
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
