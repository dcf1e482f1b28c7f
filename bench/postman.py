"""Reads the mailbox for all clients of a measurement: each asking by itself would cost the mailbox more than a mail."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from tests.support.clients import client_of

LOOK_SECONDS = 0.1
WAIT_SECONDS = 60.0
_CODE_LINE = re.compile(r"^[A-HJKMNP-Z2-9]{6}$", re.MULTILINE)


@dataclass(frozen=True)
class CodeLetter:
    """A code, and when the mail server received it (seconds since the epoch)."""

    code: str
    received_at: float


class Postman:
    """Hands each awaited letter to the client that waits for it, by recipient and kind."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._waiting: dict[tuple[str, str], asyncio.Future[dict[str, Any]]] = {}

    async def code(self, to: str, kind: str) -> CodeLetter:
        """Return the code in the first letter of this kind to this address. Raises TimeoutError after a minute."""
        arrived = self._waiting[to, kind] = asyncio.get_running_loop().create_future()
        row = await asyncio.wait_for(arrived, WAIT_SECONDS)
        text = (await self._http.get(f"/messages/{row['id']}")).json()["text"].replace("\r", "")
        found = _CODE_LINE.search(text)
        assert found, text
        return CodeLetter(found[0], datetime.fromisoformat(row["at"]).timestamp())

    async def look(self) -> None:
        """Look through the mailbox, again and again, as long as a call waits."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if self._waiting:
                for row in (await self._http.get("/messages")).json()["messages"]:
                    self._hand_over(row)

    def _hand_over(self, row: dict[str, Any]) -> None:
        arrived = self._waiting.pop((row["to"], row["kind"]), None)
        if arrived and not arrived.done():
            arrived.set_result(row)


@asynccontextmanager
async def postman_of(url: str) -> AsyncIterator[Postman]:
    """Yield the postman of the mailbox at this URL. If looking fails, the block ends with that error."""
    async with client_of(url) as http, asyncio.TaskGroup() as tasks:
        postman = Postman(http)
        looking = tasks.create_task(postman.look())
        try:
            yield postman
        finally:
            looking.cancel()
