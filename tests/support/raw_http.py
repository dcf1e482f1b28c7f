"""HTTP byte by byte: requests that no client library would send, on one connection to the stack's API."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.support.envelope import Json

SECONDS = 10.0


@dataclass(frozen=True)
class RawAnswer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        answer: Json = json.loads(self.body)
        return answer


@dataclass(frozen=True)
class RawConnection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def answer(self) -> RawAnswer:
        """The next answer, which has a Content-Length or no body."""
        async with asyncio.timeout(SECONDS):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
            status_line, *lines = head.strip().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        return RawAnswer(int(status_line.split()[1]), headers, body)

    async def rest(self) -> bytes:
        """Everything until the server closes the connection."""
        async with asyncio.timeout(SECONDS):
            return await self.reader.read()


@asynccontextmanager
async def raw_connection(url: str) -> AsyncIterator[RawConnection]:
    place = urlsplit(url)
    connection = RawConnection(*await asyncio.open_connection(place.hostname, place.port))
    try:
        yield connection
    finally:
        connection.writer.close()


def head(request_line: str, *headers: str) -> bytes:
    """A request line and headers, with a Host and the empty line."""
    return "\r\n".join([f"{request_line} HTTP/1.1", "Host: api", *headers, "", ""]).encode()
