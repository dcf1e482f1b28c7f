"""IntentDrain: one entity per shard of the users, which carries out the open intents of one kind, many at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, RetryState

from activities.operations.graph_sync_drain import GraphSyncDrainActivities
from activities.operations.intent_drain import Drained
from activities.operations.notification_drain import NotificationDrainActivities
from domain.intents import IntentKind, Shard
from workflows.activity_options import GRAPH, STORE, ActivityOptions
from workflows.background import start_or_signal
from workflows.queues import Queue
from workflows.steps import run_inline_activity

IDLE_TIMEOUT = timedelta(seconds=30)
TIME_OF_BATCH = timedelta(minutes=5)
"""While a server is away wake-ups fill the history. Only between batches can it go on in a new run."""
SUMMARY = "Carries out open intents of one kind, many at a time"


@dataclass(frozen=True)
class Drain:
    """How the intents of a kind are carried out. The activity rests when it is done."""

    queue: Queue
    activity: Callable[[Any, Shard], Awaitable[Drained]]
    options: ActivityOptions


DRAINS: Mapping[IntentKind, Drain] = {
    IntentKind.GRAPH_SYNC: Drain(Queue.GRAPH, GraphSyncDrainActivities.drain, GRAPH),
    IntentKind.EVENT_NOTIFICATIONS: Drain(Queue.NOTIFY, NotificationDrainActivities.drain_events, STORE),
    IntentKind.FOLLOW_NOTIFICATIONS: Drain(Queue.NOTIFY, NotificationDrainActivities.drain_follows, GRAPH),
}


@workflow.defn(name="IntentDrain")
class IntentDrain:
    """Carries out the open intents of a shard, batch by batch. Ends within a minute after the last wake-up."""

    @workflow.init
    def __init__(self, shard: Shard) -> None:
        self._is_woken = True
        self._is_quiet = False

    @workflow.signal(name="woken")
    def intents_opened(self) -> None:
        """Wake the entity for new intents, which it reads from the store, not from the signal."""
        self._is_woken = True
        self._is_quiet = False

    @workflow.run
    async def run(self, shard: Shard) -> None:
        """Drain at once, and again until all is quiet."""
        drain = DRAINS[shard.kind]
        quiet = asyncio.create_task(self._wait_for_quiet())
        while await self._wait_until_woken(quiet):
            self._is_woken = False
            self._is_woken |= await _carry_out(drain, shard)
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(shard)

    async def _wait_for_quiet(self) -> None:
        """Return when no wake-up came while a timer ran. It runs on during wake-ups: starting it anew for each is work
        for the server without any use.
        """
        while not self._is_quiet:
            self._is_quiet = True
            await workflow.sleep(IDLE_TIMEOUT)

    async def _wait_until_woken(self, quiet: asyncio.Task[None]) -> bool:
        await workflow.wait_condition(lambda: self._is_woken or quiet.done())
        return self._is_woken


async def _carry_out(drain: Drain, shard: Shard) -> bool:
    """Carry out one batch. Returns whether there may be more: it was full, or a server was away all the time."""
    try:
        drained = await run_inline_activity(
            drain.activity, shard, drain.options, give_up_at=workflow.now() + TIME_OF_BATCH
        )
    except ActivityError as error:
        if error.retry_state is not RetryState.TIMEOUT:
            raise
        return True
    return drained.is_full


async def start_or_wake_drain(shard: Shard) -> None:
    """Wake the shard's entity, or start it. Idempotent."""
    await start_or_signal(
        IntentDrain.run,
        shard,
        workflow_id=shard.workflow_id,
        queue=DRAINS[shard.kind].queue,
        summary=SUMMARY,
        signals=[IntentDrain.intents_opened],
    )
