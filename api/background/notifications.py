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

from adapters.crypto.hashes import KeyedHashes
from api.background.start import start_in_background
from api.http.outages import logged_unless_away
from workflows.notifications.notifications import SUMMARY, Notifications, notifications_input, notifications_workflow_id
from workflows.queues import Queue

BATCH_PAUSE_SECONDS = 0.02
"""Somebody who gets a thousand followers at once is woken fifty times a second."""
CONCURRENCY = 32
MAX_PENDING = 10_000
"""People who wait to be woken here. Others are woken by the sweep."""

logger = logging.getLogger("decode.api")


@dataclass(frozen=True)
class _WakeUp:
    user_id: str
    signal: str


class NotificationTrigger:
    def __init__(self, temporal: Client, hashes: KeyedHashes) -> None:
        self._temporal = temporal
        self._hashes = hashes
        self._again: dict[_WakeUp, bool] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._turns = asyncio.Semaphore(CONCURRENCY)

    def trigger(self, user_id: str) -> None:
        """Have the person told what happened to their account. With Temporal away the sweep does it later."""
        self._schedule(_WakeUp(user_id, "woken"))

    def trigger_followed(self, user_id: str) -> None:
        """Have the person told who follows them. With Temporal away the sweep does it later."""
        self._schedule(_WakeUp(user_id, "followed"))

    def _schedule(self, wake_up: _WakeUp) -> None:
        if wake_up in self._again:
            self._again[wake_up] = True
        elif len(self._again) < MAX_PENDING:
            self._again[wake_up] = True
            task = asyncio.create_task(self._deliver(wake_up))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def drain(self) -> None:
        """Return once nobody waits to be woken."""
        await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        """Leave what is not done to the sweep."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _deliver(self, wake_up: _WakeUp) -> None:
        with logged_unless_away("notifications not woken", to=logger):
            try:
                while self._again[wake_up]:
                    self._again[wake_up] = False
                    async with self._turns:
                        await self._send(wake_up)
                    await asyncio.sleep(BATCH_PAUSE_SECONDS)
            finally:
                del self._again[wake_up]

    async def _send(self, wake_up: _WakeUp) -> None:
        key = self._hashes.workflow_key(wake_up.user_id)
        await start_in_background(
            self._temporal,
            Notifications.run,
            notifications_input(wake_up.user_id, key),
            workflow_id=notifications_workflow_id(key),
            queue=Queue.NOTIFY,
            summary=SUMMARY,
            signal=wake_up.signal,
        )


@asynccontextmanager
async def open_notification_trigger(temporal: Client, hashes: KeyedHashes) -> AsyncIterator[NotificationTrigger]:
    """Wakes for as long as the process lives."""
    notification_trigger = NotificationTrigger(temporal, hashes)
    try:
        yield notification_trigger
    finally:
        await notification_trigger.close()
