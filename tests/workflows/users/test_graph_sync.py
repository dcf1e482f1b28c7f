"""GraphSync: one entity per account brings its newest profile into the graph, and ends when all is quiet."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError, WorkflowHandle

from activities.users.graph_sync import GraphSyncOrder, SyncedProfile
from tests.support.polling import eventually
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY, NEO4J_AWAY, NEO4J_REFUSES
from tests.workflows.fakes.fake_activity import Deed
from tests.workflows.time_skipping import Clock, at_work
from workflows.queues import Queue
from workflows.search_attributes import BLOCKED_ON
from workflows.users.graph_sync import IDLE, GraphSync, graph_sync_id

ORDER = GraphSyncOrder(user_id="5f" * 12, user_key="a-users-key")
LONG_ENOUGH = IDLE + timedelta(seconds=5)
FIVE_QUIET_TRIES = timedelta(seconds=9)
HEAVY = "x" * 1_100_000
"""Four of them in a history, and the server asks for a new run."""

GraphSyncRun = WorkflowHandle[GraphSync, None]


async def start(client: Client) -> GraphSyncRun:
    return await client.start_workflow(GraphSync.run, ORDER, id=graph_sync_id(ORDER.user_key), task_queue=Queue.GRAPH)


async def asked(deed: Deed[Any, Any], times: int) -> None:
    async def so_often() -> bool:
        return len(deed.asked) >= times

    await eventually(so_often)


async def changes(run: GraphSyncRun, *, times: int) -> None:
    await asyncio.gather(*(run.signal(GraphSync.changed) for _ in range(times)))


async def test_profile_is_projected_and_the_intent_closed(client: Client, clock: Clock, fakes: Fakes) -> None:
    run = await start(client)

    await clock.passes(LONG_ENOUGH)

    await run.result()
    assert fakes.graph_sync.projected.asked == [ORDER.user_id]
    assert fakes.graph_sync.marked.asked == [SyncedProfile(ORDER.user_id, version=1)]


async def test_entity_ends_after_a_quiet_minute(client: Client, clock: Clock, fakes: Fakes) -> None:
    run = await start(client)
    await asked(fakes.graph_sync.marked, times=1)

    await clock.passes(IDLE - timedelta(seconds=5))
    still_there = (await run.describe()).status
    await clock.passes(timedelta(seconds=10))

    assert still_there is WorkflowExecutionStatus.RUNNING
    assert (await run.describe()).status is WorkflowExecutionStatus.COMPLETED


async def test_changes_before_the_projection_are_one(client: Client, clock: Clock) -> None:
    run = await start(client)
    await changes(run, times=20)

    fakes = Fakes()
    async with at_work(client, fakes):
        await clock.passes(LONG_ENOUGH)
        await run.result()

    assert len(fakes.graph_sync.projected.asked) == 1


async def test_changes_during_a_projection_are_one_more(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.graph_sync.projected.hangs()
    run = await start(client)
    await asked(fakes.graph_sync.projected, times=1)

    await changes(run, times=20)
    fakes.graph_sync.projected.goes_on()

    await asked(fakes.graph_sync.projected, times=2)
    await clock.passes(LONG_ENOUGH)
    await run.result()
    assert len(fakes.graph_sync.projected.asked) == 2


async def test_change_restarts_the_quiet_minute(client: Client, clock: Clock, fakes: Fakes) -> None:
    run = await start(client)
    await asked(fakes.graph_sync.marked, times=1)
    await clock.passes(IDLE - timedelta(seconds=10))

    await changes(run, times=1)
    await clock.passes(timedelta(seconds=30))

    assert len(fakes.graph_sync.projected.asked) == 2
    assert (await run.describe()).status is WorkflowExecutionStatus.RUNNING


async def test_profile_that_changed_meanwhile_is_projected_again(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.graph_sync.marked.answers_next(lambda _: False)

    run = await start(client)

    await clock.passes(LONG_ENOUGH)
    await run.result()
    assert len(fakes.graph_sync.projected.asked) == 2


async def test_account_that_is_gone_leaves_nothing_to_close(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.graph_sync.projected.always_answers(lambda _: None)

    run = await start(client)

    await clock.passes(LONG_ENOUGH)
    await run.result()
    assert fakes.graph_sync.marked.asked == []


@pytest.mark.defect(47)
async def test_graph_that_is_away_shows_until_it_is_back(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.graph_sync.projected.fails(NEO4J_AWAY, times=8)
    run = await start(client)

    await clock.passes(FIVE_QUIET_TRIES)
    during = (await run.describe()).typed_search_attributes.get(BLOCKED_ON)
    await clock.until(run.result(), step=timedelta(seconds=30))

    assert during == "neo4j"
    assert (await run.describe()).typed_search_attributes.get(BLOCKED_ON) is None
    assert len(fakes.graph_sync.projected.asked) == 9


async def test_store_that_is_away_is_the_one_that_shows(client: Client, clock: Clock, fakes: Fakes) -> None:
    """The projection reads MongoDB before it writes the graph."""
    fakes.graph_sync.projected.fails(MONGO_AWAY, times=8)
    run = await start(client)

    await clock.passes(FIVE_QUIET_TRIES)

    assert (await run.describe()).typed_search_attributes.get(BLOCKED_ON) == "mongo"


async def test_refusal_for_good_ends_the_entity(client: Client, fakes: Fakes) -> None:
    fakes.graph_sync.projected.always_fails(NEO4J_REFUSES)
    run = await start(client)

    with pytest.raises(WorkflowFailureError):
        await run.result()

    assert len(fakes.graph_sync.projected.asked) == 1


async def test_long_history_goes_on_in_a_new_run(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.graph_sync.projected.answers_next(*[lambda _: SyncedProfile(HEAVY, version=1)] * 2)
    fakes.graph_sync.marked.answers_next(lambda _: False)
    run = await start(client)

    await clock.until(run.result(), step=timedelta(seconds=30))

    assert [profile.user_id[:2] for profile in fakes.graph_sync.marked.asked] == ["xx", "xx", ORDER.user_id[:2]]
