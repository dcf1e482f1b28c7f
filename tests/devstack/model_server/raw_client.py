"""A client that sees the packets of the server as they come: one connection, one question."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from devstack.model_server.server import ModelServer
from devstack.ports import HOST

CHAT = "/v1/chat/completions"
MESSAGES = "/v1/messages"
ASKED = {
    "model": "any",
    "max_tokens": 64,
    "messages": [{"role": "user", "content": "Hello"}],
    "stream": True,
    "stream_options": {"include_usage": True},
}


@dataclass(frozen=True, slots=True)
class RawClient:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, path: str) -> None:
        """Send the question."""
        body = json.dumps(ASKED)
        head = f"POST {path} HTTP/1.1\r\nauthorization: Bearer scripted\r\nanthropic-version: 2023-06-01\r\n"
        self.writer.write(f"{head}content-length: {len(body)}\r\n\r\n{body}".encode())
        await self.writer.drain()

    async def read_head(self) -> bytes:
        return await self.reader.readuntil(b"\r\n\r\n")

    async def read_packet(self) -> bytes:
        """One chunk of the answer; empty at its end in order. Raises IncompleteReadError if it ends otherwise."""
        size = int(await self.reader.readuntil(b"\r\n"), 16)
        return (await self.reader.readexactly(size + 2))[:-2]

    async def read_packets(self) -> list[bytes]:
        """All chunks of an answer that ends in order, without its head."""
        await self.read_head()
        packets = []
        while packet := await self.read_packet():
            packets.append(packet)
        return packets


@asynccontextmanager
async def raw_client(server: ModelServer) -> AsyncIterator[RawClient]:
    reader, writer = await asyncio.open_connection(HOST, int(server.url.rpartition(":")[2]))
    try:
        yield RawClient(reader, writer)
    finally:
        writer.close()
