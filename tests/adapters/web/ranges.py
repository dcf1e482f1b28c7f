"""A server of breached passwords by range, for tests: it speaks the protocol and remembers what it was asked."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field


@dataclass
class Ranges:
    """`breached`: the passwords it knows. `hangs`: it takes a question and never answers."""

    breached: tuple[str, ...] = ()
    status: str = "200 OK"
    hangs: bool = False
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def lines(self, prefix: str) -> list[str]:
        digests = [hashlib.sha1(one.encode(), usedforsecurity=False).hexdigest().upper() for one in self.breached]
        known = [f"{digest[5:]}:7" for digest in digests if digest.startswith(prefix)]
        return ["0" * 35 + ":0", *known]

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer):
            request = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.asked.append(request)
            if self.hangs:
                await reader.read()
            else:
                body = "\r\n".join(self.lines(request.split()[1].rpartition("/")[2]))
                writer.write(f"HTTP/1.1 {self.status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())


@asynccontextmanager
async def serving(ranges: Ranges) -> AsyncIterator[Ranges]:
    server = await asyncio.start_server(ranges.answer, "127.0.0.1", 0)
    async with server:
        ranges.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/range/"
        yield ranges
