"""Wakes the entities that answer the messages of chats. The messages are in the store: a wake-up only saves time."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from temporalio.client import Client

from adapters.crypto.keyed_hashes import KeyedHashes
from api.background.start import start_in_background
from api.http.outages import logged_unless_away
from workflows.assistant.turns import SUMMARY, Turns, turns_input, turns_workflow_id
from workflows.queues import Queue

WAKE_TIMEOUT = timedelta(seconds=10)
"""As long as the sweep leaves a message alone. Of a hundred at once Temporal starts the last after some seconds."""

logger = logging.getLogger("decode.assistant")


class TurnWaker:
    """Wakes chats in background tasks."""

    def __init__(self, temporal: Client, hashes: KeyedHashes) -> None:
        self._temporal = temporal
        self._hashes = hashes
        self._tasks: set[asyncio.Task[None]] = set()

    def wake(self, chat_id: str) -> None:
        """Have what is open in the chat looked at. Never waits; a wake-up that is lost is made up by the sweep."""
        task = asyncio.create_task(self._wake(chat_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Cancel the pending wake-ups and leave them to the sweep."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _wake(self, chat_id: str) -> None:
        key = self._hashes.workflow_key(chat_id)
        with logged_unless_away("chat not woken", to=logger):
            await start_in_background(
                self._temporal,
                Turns.run,
                turns_input(chat_id, key),
                workflow_id=turns_workflow_id(key),
                queue=Queue.ASSISTANT,
                summary=SUMMARY,
                signal="woken",
                rpc_timeout=WAKE_TIMEOUT,
            )


@asynccontextmanager
async def open_turn_waker(temporal: Client, hashes: KeyedHashes) -> AsyncIterator[TurnWaker]:
    """Yield the waker of this process, and close it at the end."""
    waker = TurnWaker(temporal, hashes)
    try:
        yield waker
    finally:
        await waker.close()
