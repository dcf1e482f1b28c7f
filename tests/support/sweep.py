"""A sweep without waiting for its interval of 15 s, and a worker that sweeps and drains nothing meanwhile."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from adapters.resources import Resources
from domain.intents import IntentKind, Shard
from tests.support.polling import eventually
from workers.schedules import SWEEP

SWEPT_SECONDS = 180.0
"""A trigger during a sweep is skipped, and a sweep that finds hundreds of intents takes minutes on a small machine."""


async def trigger_sweep(resources: Resources) -> None:
    """Ask the schedule for a sweep now."""
    await resources.temporal.get_schedule_handle(SWEEP).trigger()


@asynccontextmanager
async def pause_sweep(resources: Resources) -> AsyncIterator[None]:
    """The worker carries out no intent that a test leaves open: once one is old, a drain takes the new ones too."""
    schedule = resources.temporal.get_schedule_handle(SWEEP)

    async def has_ended() -> bool:
        return not (await schedule.describe()).info.running_actions

    async def are_at_rest() -> bool:
        return not any([await _is_draining(resources.temporal, Shard(kind, 0)) for kind in IntentKind])

    await schedule.pause(note="while a test leaves intents open")
    try:
        await eventually(has_ended, within=SWEPT_SECONDS)
        await eventually(are_at_rest, within=SWEPT_SECONDS)
        yield
    finally:
        await schedule.unpause()


async def _is_draining(temporal: Client, shard: Shard) -> bool:
    """Whether a batch is in work: by an activity, or in a workflow task by a local one."""
    try:
        drain = (await temporal.get_workflow_handle(shard.workflow_id).describe()).raw_description
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return drain.HasField("pending_workflow_task") or bool(drain.pending_activities)
