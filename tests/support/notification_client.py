"""A user who reads notifications with our client, through all faults."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from decode_client import DecodeClient
from tests.support.people import SignedIn
from tests.support.polling import eventually


@dataclass
class NotificationReader:
    """`seen`: the numbers in the order in which they came."""

    seen: list[int] = field(default_factory=list)

    async def has_seen(self, seqs: Sequence[int], *, within: float = 60) -> None:
        """Fails when anything else came, or it did not come in time."""

        async def has() -> bool:
            assert self.seen == list(seqs)[: len(self.seen)], "a gap, a repeat or another order"
            return len(self.seen) == len(seqs)

        await eventually(has, within=within)


@asynccontextmanager
async def reading_notifications(someone: SignedIn, url: str, *, after: int = 0) -> AsyncIterator[NotificationReader]:
    reader = NotificationReader()

    async def read(decode: DecodeClient) -> None:
        async for notification in decode.notifications.follow(after):
            reader.seen.append(notification.seq)

    async with DecodeClient(url, access_token=someone.session["access_token"]) as decode:
        task = asyncio.create_task(read(decode))
        try:
            yield reader
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
