"""Wakes the entities that store people's notifications. The intents are what counts: this only hurries.

Nobody waits for it. A person who is owed many things at once is woken at once for the first and once more, a moment
later, for all others.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from temporalio.client import Client

from adapters.crypto.hashes import Hashes
from api.background.start import start_in_background
from api.http.outages import logged_unless_away
from workflows.notifications.notifications import SUMMARY, Notifications, notifications_id, notifications_of
from workflows.queues import Queue

PAUSE_SECONDS = 0.02
"""Somebody who gets a thousand followers at once is woken fifty times a second."""
AT_ONCE = 32
MOST = 10_000
"""People who wait to be woken here. Others are woken by the sweep."""

logger = logging.getLogger("decode.api")


@dataclass(frozen=True)
class _Word:
    user_id: str
    signal: str


class NotificationWakes:
    def __init__(self, temporal: Client, hashes: Hashes) -> None:
        self._temporal = temporal
        self._hashes = hashes
        self._again: dict[_Word, bool] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._turns = asyncio.Semaphore(AT_ONCE)

    def wake(self, user_id: str) -> None:
        """Have the person told what happened to their account. With Temporal away the sweep does it later."""
        self._say(_Word(user_id, "woken"))

    def followed(self, user_id: str) -> None:
        """Have the person told who follows them. With Temporal away the sweep does it later."""
        self._say(_Word(user_id, "followed"))

    def _say(self, word: _Word) -> None:
        if word in self._again:
            self._again[word] = True
        elif len(self._again) < MOST:
            self._again[word] = True
            task = asyncio.create_task(self._see_to(word))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def settle(self) -> None:
        """Return once nobody waits to be woken."""
        await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        """Leave what is not done to the sweep."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _see_to(self, word: _Word) -> None:
        with logged_unless_away("notifications not woken", to=logger):
            try:
                while self._again[word]:
                    self._again[word] = False
                    async with self._turns:
                        await self._send(word)
                    await asyncio.sleep(PAUSE_SECONDS)
            finally:
                del self._again[word]

    async def _send(self, word: _Word) -> None:
        key = self._hashes.workflow_key(word.user_id)
        await start_in_background(
            self._temporal,
            Notifications.run,
            notifications_of(word.user_id, key),
            workflow_id=notifications_id(key),
            queue=Queue.NOTIFY,
            summary=SUMMARY,
            signal=word.signal,
        )


@asynccontextmanager
async def waking(temporal: Client, hashes: Hashes) -> AsyncIterator[NotificationWakes]:
    """Wakes for as long as the process lives."""
    wakes = NotificationWakes(temporal, hashes)
    try:
        yield wakes
    finally:
        await wakes.close()
