"""GraphSync: one entity per account brings its newest profile into the graph, and ends when all is quiet."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError, WorkflowHandle

from activities.users.graph_sync import GraphSyncInput, SyncedProfile
from tests.support.polling import eventually
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY, NEO4J_AWAY, NEO4J_REFUSES
from tests.workflows.fakes.fake_activity import FakeActivity
from tests.workflows.time_skipping import Clock, run_workers
from workflows.queues import Queue
from workflows.search_attributes import BLOCKED_ON
from workflows.users.graph_sync import IDLE_TIMEOUT, GraphSync, graph_sync_workflow_id

ORDER = GraphSyncInput(user_id="5f" * 12, user_key="a-users-key")
LONG_ENOUGH = IDLE_TIMEOUT + timedelta(seconds=5)
FIVE_QUIET_TRIES = timedelta(seconds=9)
HEAVY = "x" * 1_100_000
"""Four of them in a history, and the server asks for a new run."""

PROJECTION = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
PAUSE = EventType.EVENT_TYPE_TIMER_STARTED

GraphSyncRun = WorkflowHandle[GraphSync, None]


async def start(client: Client) -> GraphSyncRun:
    return await client.start_workflow(
        GraphSync.run, ORDER, id=graph_sync_workflow_id(ORDER.user_key), task_queue=Queue.GRAPH
    )


async def asked(fake: FakeActivity[Any, Any], times: int) -> None:
    async def so_often() -> bool:
        return len(fake.calls) >= times

    await eventually(so_often)


async def history(run: GraphSyncRun) -> list[EventType.ValueType]:
    return [event.event_type async for event in run.fetch_history_events()]


async def waits_for_changes(run: GraphSyncRun) -> None:
    """Wait until the entity is idle: the profile is marked before the entity has the result of its activity."""

    async def idle_timer_started() -> bool:
        return PAUSE in await history(run)

    await eventually(idle_timer_started)


async def changes(run: GraphSyncRun, *, times: int) -> None:
    await asyncio.gather(*(run.signal(GraphSync.account_changed) for _ in range(times)))


async def test_profile_is_projected_and_the_intent_closed(client: Client, clock: Clock, fakes: Fakes) -> None:
    run = await start(client)

    await clock.advance(LONG_ENOUGH)

    await run.result()
    assert fakes.graph_sync.projected.calls == [ORDER.user_id]
    assert fakes.graph_sync.marked.calls == [SyncedProfile(ORDER.user_id, version=1)]


async def test_profile_is_projected_without_a_pause(client: Client, fakes: Fakes) -> None:
    run = await start(client)
    await asked(fakes.graph_sync.projected, times=1)

    begun = [each for each in await history(run) if each in (PROJECTION, PAUSE)]
    assert begun[0] == PROJECTION


async def test_entity_ends_after_a_quiet_minute(client: Client, clock: Clock, fakes: Fakes) -> None:
    run = await start(client)
    await asked(fakes.graph_sync.marked, times=1)

    await clock.advance(IDLE_TIMEOUT - timedelta(seconds=5))
    still_there = (await run.describe()).status
    await clock.advance(timedelta(seconds=10))

    assert still_there is WorkflowExecutionStatus.RUNNING
    assert (await run.describe()).status is WorkflowExecutionStatus.COMPLETED


async def test_changes_before_the_projection_are_one(client: Client, clock: Clock) -> None:
    run = await start(client)
    await changes(run, times=20)

    fakes = Fakes()
    async with run_workers(client, fakes):
        await clock.advance(LONG_ENOUGH)
        await run.result()

    assert len(fakes.graph_sync.projected.calls) == 1


async def test_changes_during_a_projection_are_one_more(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.graph_sync.projected.hang()
    run = await start(client)
    await asked(fakes.graph_sync.projected, times=1)

    await changes(run, times=20)
    fakes.graph_sync.projected.resume()

    await asked(fakes.graph_sync.projected, times=2)
    await clock.advance(LONG_ENOUGH)
    await run.result()
    assert len(fakes.graph_sync.projected.calls) == 2


async def test_change_after_a_projection_is_projected_without_a_pause(client: Client, fakes: Fakes) -> None:
    run = await start(client)
    await waits_for_changes(run)

    await changes(run, times=1)
    await asked(fakes.graph_sync.projected, times=2)

    assert EventType.EVENT_TYPE_TIMER_FIRED not in await history(run)


async def test_change_during_a_projection_waits_for_the_rest_of_its_burst(
    client: Client, clock: Clock, fakes: Fakes
) -> None:
    fakes.graph_sync.marked.returns_next(lambda _: False)

    run = await start(client)

    await clock.advance(LONG_ENOUGH)
    await run.result()
    assert (await history(run)).count(EventType.EVENT_TYPE_TIMER_FIRED) == 2


async def test_change_restarts_the_quiet_minute(client: Client, clock: Clock, fakes: Fakes) -> None:
    run = await start(client)
    await asked(fakes.graph_sync.marked, times=1)
    await clock.advance(IDLE_TIMEOUT - timedelta(seconds=10))

    await changes(run, times=1)
    await clock.advance(timedelta(seconds=30))

    assert len(fakes.graph_sync.projected.calls) == 2
    assert (await run.describe()).status is WorkflowExecutionStatus.RUNNING


async def test_profile_that_changed_meanwhile_is_projected_again(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.graph_sync.marked.returns_next(lambda _: False)

    run = await start(client)

    await clock.advance(LONG_ENOUGH)
    await run.result()
    assert len(fakes.graph_sync.projected.calls) == 2


async def test_account_that_is_gone_leaves_nothing_to_close(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.graph_sync.projected.always_returns(lambda _: None)

    run = await start(client)

    await clock.advance(LONG_ENOUGH)
    await run.result()
    assert fakes.graph_sync.marked.calls == []


@pytest.mark.defect(47)
async def test_graph_that_is_away_shows_until_it_is_back(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.graph_sync.projected.fail(NEO4J_AWAY, times=8)
    run = await start(client)

    await clock.advance(FIVE_QUIET_TRIES)
    during = (await run.describe()).typed_search_attributes.get(BLOCKED_ON)
    await clock.advance_until(run.result(), step=timedelta(seconds=30))

    assert during == "neo4j"
    assert (await run.describe()).typed_search_attributes.get(BLOCKED_ON) is None
    assert len(fakes.graph_sync.projected.calls) == 9


async def test_store_that_is_away_is_the_one_that_shows(client: Client, clock: Clock, fakes: Fakes) -> None:
    """The projection reads MongoDB before it writes the graph."""
    fakes.graph_sync.projected.fail(MONGO_AWAY, times=8)
    run = await start(client)

    await clock.advance(FIVE_QUIET_TRIES)

    assert (await run.describe()).typed_search_attributes.get(BLOCKED_ON) == "mongo"


async def test_refusal_for_good_ends_the_entity(client: Client, fakes: Fakes) -> None:
    fakes.graph_sync.projected.always_fail(NEO4J_REFUSES)
    run = await start(client)

    with pytest.raises(WorkflowFailureError):
        await run.result()

    assert len(fakes.graph_sync.projected.calls) == 1


async def test_long_history_goes_on_in_a_new_run(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.graph_sync.projected.returns_next(*[lambda _: SyncedProfile(HEAVY, version=1)] * 2)
    fakes.graph_sync.marked.returns_next(lambda _: False)
    run = await start(client)

    await clock.advance_until(run.result(), step=timedelta(seconds=30))

    assert [profile.user_id[:2] for profile in fakes.graph_sync.marked.calls] == ["xx", "xx", ORDER.user_id[:2]]
