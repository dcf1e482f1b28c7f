"""One kill -9 of the worker in the middle of a rebuild, and one in the middle of a snapshot: each goes on where it was.

The island is large enough for several steps of either. A step that was done before the kill is not done again.
"""

import secrets
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle

from activities.operations.graph_rebuild import BATCH_SIZE, MAX_BATCHES_PER_ATTEMPT
from adapters.resources import Resources
from devstack.stack import Stack
from tests.faults.outages import healthy, send_signal
from tests.support.id_ranges import IdRange
from tests.support.polling import eventually
from workflows.operations.graph_rebuild import GraphRebuild
from workflows.queues import Queue
from workflows.social.follower_snapshots import FollowerSnapshots, SnapshotsInput

PEOPLE = 21_000
A_STEP = BATCH_SIZE * MAX_BATCHES_PER_ATTEMPT


@pytest.fixture(scope="module")
async def island(resources: Resources) -> AsyncIterator[IdRange]:
    """Create so many accounts, none of them in the graph yet."""
    island = IdRange(resources)
    await island.create_accounts(PEOPLE)
    yield island
    await island.remove_all()


async def killed_once(stack: Stack, has_begun: Callable[[], Awaitable[bool]]) -> datetime:
    """Kill the worker when it is at it. Returns when that was, once all is well again."""
    await eventually(has_begun, within=60)
    send_signal(stack, "worker", signal.SIGKILL)
    killed_at = datetime.now(UTC)
    await healthy(stack)
    return killed_at


async def steps_done(run: WorkflowHandle[Any, Any]) -> int:
    events = (await run.fetch_history()).events
    return sum(event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED for event in events)


async def test_rebuild_goes_on_where_it_was_cut(stack: Stack, resources: Resources, island: IdRange) -> None:
    workflow_id = f"graph-rebuild-{secrets.token_hex(8)}"
    run = await resources.temporal.start_workflow(GraphRebuild.run, id=workflow_id, task_queue=Queue.GRAPH)

    async def has_begun() -> bool:
        return await steps_done(run) > 0

    await killed_once(stack, has_begun)

    rebuilt = await run.result()

    nodes = await island.nodes()
    assert len(nodes) == PEOPLE
    assert {node["profile_version"] for node in nodes} == {1}
    assert rebuilt.users >= PEOPLE
    assert await steps_done(run) == rebuilt.users // A_STEP + 1


async def test_snapshot_goes_on_where_it_was_cut_and_the_day_is_right(
    stack: Stack, resources: Resources, island: IdRange
) -> None:
    """After the rebuild: the island is in the graph."""
    await island.follow_many(1, range(2, 5_001))
    workflow_id, today = f"follower-snapshots-{secrets.token_hex(8)}", datetime.now(UTC).date()
    run = await resources.temporal.start_workflow(
        FollowerSnapshots.run, SnapshotsInput(), id=workflow_id, task_queue=Queue.BULK
    )

    async def has_begun() -> bool:
        return bool(await resources.social.snapshots.find_taken([island.id(1)], today))

    killed_at = await killed_once(stack, has_begun)

    report = await run.result()

    here = {"$gte": ObjectId(island.id(0)), "$lte": ObjectId(island.id(PEOPLE))}
    days = await resources.clients.database["follower_snapshots"].find({"user_id": here, "chunk": 0}).to_list()
    (star,) = await resources.social.growth.list_points(island.id(1), today, today)
    assert (len(days), sum(each["followers_number"] for each in days)) == (PEOPLE, 4_999)
    assert star.followers_number == 4_999
    assert min(each["at"] for each in days) < killed_at < max(each["at"] for each in days)
    assert not [user_id for user_id in report.unreadable if user_id.startswith(island.prefix)]
