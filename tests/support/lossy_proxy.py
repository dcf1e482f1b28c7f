"""A network between a client and the API that can lose answers, and balances between several processes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

CHUNK = 65_536


@dataclass
class LossyProxy:
    """Carries bytes both ways. The API does what it is asked; for each path in `losing` one answer never arrives, and
    none while `is_one_way`. Of several places each connection gets the first that takes it, and the next one another.
    """

    places: Sequence[tuple[str, int]]
    losing: list[str] = field(default_factory=list)
    is_one_way: bool = False
    url: str = ""
    carried: set[asyncio.Task[None]] = field(default_factory=set)

    def cut(self) -> None:
        """Close every connection that is open now, and go on with both ways."""
        self.is_one_way = False
        for task in self.carried:
            task.cancel()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection until either end closes it, or an answer is lost."""
        there, back = await self._connect()
        is_lost = asyncio.Event()
        ways = [self._requests(reader, back, is_lost), self._answers(there, writer, is_lost)]
        tasks = [asyncio.create_task(way) for way in ways]
        self.carried.update(tasks)
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        self.carried.difference_update(tasks)
        back.close()
        writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to a place as a balancer does. Raises ConnectionRefusedError if none takes it."""
        first, *others = self.places
        self.places = [*others, first]
        for place in self.places:
            with suppress(ConnectionRefusedError):
                return await asyncio.open_connection(*place)
        raise ConnectionRefusedError

    async def _requests(self, reader: asyncio.StreamReader, back: asyncio.StreamWriter, is_lost: asyncio.Event) -> None:
        while chunk := await reader.read(CHUNK):
            for path in [path for path in self.losing if f" {path} ".encode() in chunk]:
                self.losing.remove(path)
                is_lost.set()
            back.write(chunk)

    async def _answers(self, there: asyncio.StreamReader, writer: asyncio.StreamWriter, is_lost: asyncio.Event) -> None:
        while (chunk := await there.read(CHUNK)) and not is_lost.is_set():
            if not self.is_one_way:
                writer.write(chunk)


@asynccontextmanager
async def lossy_proxy(*urls: str) -> AsyncIterator[LossyProxy]:
    """A proxy before the API at these addresses."""
    addresses = [urlsplit(url) for url in urls]
    proxy = LossyProxy([(str(address.hostname), int(address.port or 80)) for address in addresses])
    async with await asyncio.start_server(proxy.carry, "127.0.0.1") as server:
        proxy.url = "http://{}:{}".format(*server.sockets[0].getsockname())
        yield proxy
