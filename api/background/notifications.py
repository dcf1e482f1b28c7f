"""Wakes the entity workflows that store users' notifications. The intents are stored elsewhere: this only saves time.

No request waits for it. A user with many pending notifications is woken at once for the first, and once more, a moment
later, for all others.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from temporalio.client import Client

from adapters.crypto.keyed_hashes import KeyedHashes
from api.background.start import start_in_background
from api.http.outages import logged_unless_away
from workflows.notifications.notifications import SUMMARY, Notifications, notifications_input, notifications_workflow_id
from workflows.queues import Queue

BATCH_PAUSE_SECONDS = 0.02
"""A user who gains a thousand followers at once is woken fifty times a second at most."""
CONCURRENCY = 32
MAX_PENDING = 10_000
"""Wake-ups pending in this process. Those beyond it are left to the sweep."""

logger = logging.getLogger("decode.api")


@dataclass(frozen=True)
class _WakeUp:
    user_id: str
    signal: str


class NotificationTrigger:
    """Wakes users' Notifications workflows in background tasks, each at most once per `BATCH_PAUSE_SECONDS`."""

    def __init__(self, temporal: Client, hashes: KeyedHashes) -> None:
        self._temporal = temporal
        self._hashes = hashes
        self._pending: dict[_WakeUp, bool] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._semaphore = asyncio.Semaphore(CONCURRENCY)

    def trigger(self, user_id: str) -> None:
        """Have the user notified of their security events. While Temporal is unavailable it is left to the sweep."""
        self._schedule(_WakeUp(user_id, "woken"))

    def trigger_followed(self, user_id: str) -> None:
        """Have the user notified of new followers. While Temporal is unavailable it is left to the sweep."""
        self._schedule(_WakeUp(user_id, "followed"))

    def _schedule(self, wake_up: _WakeUp) -> None:
        if wake_up in self._pending:
            self._pending[wake_up] = True
        elif len(self._pending) < MAX_PENDING:
            self._pending[wake_up] = True
            task = asyncio.create_task(self._deliver(wake_up))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def drain(self) -> None:
        """Return when no wake-up is pending."""
        await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        """Cancel the pending wake-ups and leave them to the sweep."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _deliver(self, wake_up: _WakeUp) -> None:
        with logged_unless_away("notifications not woken", to=logger):
            try:
                while self._pending[wake_up]:
                    self._pending[wake_up] = False
                    async with self._semaphore:
                        await self._send(wake_up)
                    await asyncio.sleep(BATCH_PAUSE_SECONDS)
            finally:
                del self._pending[wake_up]

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
    """Yield the trigger of this process, and close it at the end."""
    notification_trigger = NotificationTrigger(temporal, hashes)
    try:
        yield notification_trigger
    finally:
        await notification_trigger.close()
