"""Wakes the entities that carry out intents. The intents are in the stores: a wake-up only saves time."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from adapters.causes import request_id
from adapters.failures import is_unavailable
from domain.intents import LINGER_SECONDS, IntentKind, Shard, shard_of

RPC_TIMEOUT = timedelta(seconds=1)

# Names of the floor above, which adapters do not see: tests/adapters/temporal/test_intent_waker.py compares them.
WORKFLOW = "IntentDrain"
SIGNAL = "woken"
QUEUES: Mapping[IntentKind, str] = {
    IntentKind.GRAPH_SYNC: "graph",
    IntentKind.EVENT_NOTIFICATIONS: "notify",
    IntentKind.FOLLOW_NOTIFICATIONS: "notify",
}
SUMMARY = "Carries out open intents of one kind, many at a time"

logger = logging.getLogger("decode.intents")


class IntentWaker:
    """Wakes shards in background tasks: at once, and then at most one of a kind in `LINGER_SECONDS`."""

    def __init__(self, temporal: Client) -> None:
        self._temporal = temporal
        self._pending: dict[Shard, bool] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def wake(self, kind: IntentKind, user_id: str) -> None:
        """Have the user's committed intent carried out. Never waits; a wake-up that is lost is made up by the sweep."""
        shard = shard_of(kind, user_id)
        is_under_way = shard in self._pending
        self._pending[shard] = True
        if not is_under_way:
            task = asyncio.create_task(self._deliver(shard))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def wait_until_idle(self) -> None:
        """Return when no wake-up is pending."""
        await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        """Cancel the pending wake-ups and leave them to the sweep."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _deliver(self, shard: Shard) -> None:
        request_id.set(None)  # The entity works for many requests: that of the one that starts it would mislead.
        try:
            while self._pending[shard]:
                self._pending[shard] = False
                await self._try_to_signal(shard)
                await asyncio.sleep(LINGER_SECONDS[shard.kind])
        finally:
            del self._pending[shard]

    async def _try_to_signal(self, shard: Shard) -> None:
        try:
            await self._signal(shard)
        except Exception as error:
            if not is_unavailable(error):
                logger.error("shard not woken", exc_info=error)

    async def _signal(self, shard: Shard) -> None:
        """Signal the entity, or start it if none runs: a signal alone costs less than one with a start."""
        entity = self._temporal.get_workflow_handle(shard.workflow_id)
        try:
            await entity.signal(SIGNAL, rpc_timeout=RPC_TIMEOUT)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            await self._start(shard)

    async def _start(self, shard: Shard) -> None:
        await self._temporal.start_workflow(
            WORKFLOW,
            shard,
            id=shard.workflow_id,
            task_queue=QUEUES[shard.kind],
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal=SIGNAL,
            static_summary=SUMMARY,
            rpc_timeout=RPC_TIMEOUT,
        )


@asynccontextmanager
async def open_intent_waker(temporal: Client) -> AsyncIterator[IntentWaker]:
    """Yield the waker of this process, and close it at the end."""
    waker = IntentWaker(temporal)
    try:
        yield waker
    finally:
        await waker.close()
