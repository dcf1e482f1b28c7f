"""IntentDrain: one entity per shard carries out intents at once, batch by batch, and ends when all is quiet."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError, WorkflowHandle

from activities.operations.intent_drain import Drained
from domain.intents import IntentKind, Shard
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import NEO4J_AWAY, NEO4J_REFUSES
from tests.workflows.fakes.fake_activity import FakeActivity
from tests.workflows.time_skipping import Clock
from workflows.operations.intent_drain import DRAINS, IDLE_TIMEOUT, TIME_OF_BATCH, IntentDrain
from workflows.search_attributes import BLOCKED_ON

IntentDrainRun = WorkflowHandle[IntentDrain, None]

SHARD = Shard(IntentKind.GRAPH_SYNC, 0)
LONG_ENOUGH = 2 * IDLE_TIMEOUT + timedelta(seconds=5)
FIVE_QUIET_TRIES = timedelta(seconds=9)


async def start(client: Client, shard: Shard = SHARD) -> IntentDrainRun:
    return await client.start_workflow(
        IntentDrain.run, shard, id=shard.workflow_id, task_queue=DRAINS[shard.kind].queue
    )


def drains(fakes: Fakes) -> dict[IntentKind, FakeActivity[Shard, Drained]]:
    return {
        IntentKind.GRAPH_SYNC: fakes.graph_sync.drained,
        IntentKind.EVENT_NOTIFICATIONS: fakes.notifications.drained_events,
        IntentKind.FOLLOW_NOTIFICATIONS: fakes.notifications.drained_follows,
    }


@pytest.mark.parametrize("kind", IntentKind)
async def test_each_kind_is_drained_by_its_own_activity(client: Client, fakes: Fakes, kind: IntentKind) -> None:
    shard = Shard(kind, 3)

    await start(client, shard)

    assert await drains(fakes)[kind].wait_called(times=1) == [shard]


async def test_entity_ends_when_all_is_quiet(client: Client, clock: Clock, fakes: Fakes) -> None:
    run = await start(client)
    await fakes.graph_sync.drained.wait_called(times=1)

    await clock.advance(IDLE_TIMEOUT - timedelta(seconds=5))
    still_there = (await run.describe()).status
    await clock.advance(timedelta(seconds=10))

    assert still_there is WorkflowExecutionStatus.RUNNING
    assert (await run.describe()).status is WorkflowExecutionStatus.COMPLETED
    assert len(fakes.graph_sync.drained.calls) == 1


async def test_wake_up_is_done_at_once_and_keeps_the_entity_for_as_long_again(
    client: Client, clock: Clock, fakes: Fakes
) -> None:
    run = await start(client)
    await clock.advance(IDLE_TIMEOUT - timedelta(seconds=5))

    await woken_again(run, fakes, times=2)
    await clock.advance(IDLE_TIMEOUT)
    still_there = (await run.describe()).status
    await clock.advance(IDLE_TIMEOUT)

    assert still_there is WorkflowExecutionStatus.RUNNING
    assert (await run.describe()).status is WorkflowExecutionStatus.COMPLETED


async def test_wake_ups_restart_no_timer(client: Client, fakes: Fakes) -> None:
    run = await start(client)
    await fakes.graph_sync.drained.wait_called(times=1)

    await woken_again(run, fakes, times=2)
    await woken_again(run, fakes, times=3)
    await woken_again(run, fakes, times=4)

    events = [event.event_type for event in (await run.fetch_history()).events]
    assert events.count(EventType.EVENT_TYPE_TIMER_STARTED) == 1
    assert EventType.EVENT_TYPE_TIMER_CANCELED not in events


async def test_full_batch_is_followed_by_another(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.graph_sync.drained.returns_next(lambda _: Drained(is_full=True), lambda _: Drained(is_full=True))

    run = await start(client)

    await clock.advance(LONG_ENOUGH)
    await run.result()
    assert len(fakes.graph_sync.drained.calls) == 3


async def test_wake_ups_during_a_batch_are_one_more(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.graph_sync.drained.hang()
    run = await start(client)
    await fakes.graph_sync.drained.wait_called(times=1)

    for _ in range(20):
        await run.signal(IntentDrain.intents_opened)
    fakes.graph_sync.drained.resume()

    await fakes.graph_sync.drained.wait_called(times=2)
    await clock.advance(LONG_ENOUGH)
    await run.result()
    assert len(fakes.graph_sync.drained.calls) == 2


async def test_server_that_is_away_shows_until_it_is_back(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.graph_sync.drained.fail(NEO4J_AWAY, times=8)
    run = await start(client)

    await clock.advance(FIVE_QUIET_TRIES)
    during = (await run.describe()).typed_search_attributes.get(BLOCKED_ON)
    await clock.advance_until(run.result(), step=timedelta(seconds=30))

    assert during == "neo4j"
    assert (await run.describe()).typed_search_attributes.get(BLOCKED_ON) is None
    assert len(fakes.graph_sync.drained.calls) == 9


async def test_server_that_is_away_for_long_leaves_the_entity_a_batch_to_begin_anew(
    client: Client, clock: Clock, fakes: Fakes
) -> None:
    fakes.graph_sync.drained.always_fail(NEO4J_AWAY)
    run = await start(client)
    await clock.advance(TIME_OF_BATCH + timedelta(seconds=30))
    fakes.graph_sync.drained.recover()

    await clock.advance_until(run.result(), step=timedelta(seconds=30))

    assert (await run.describe()).status is WorkflowExecutionStatus.COMPLETED
    assert (await run.describe()).typed_search_attributes.get(BLOCKED_ON) is None


async def test_refusal_for_good_ends_the_entity(client: Client, fakes: Fakes) -> None:
    fakes.graph_sync.drained.always_fail(NEO4J_REFUSES)
    run = await start(client)

    with pytest.raises(WorkflowFailureError):
        await run.result()


async def test_long_history_goes_on_in_a_new_run(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.graph_sync.drained.returns_next(*[heavy] * 4)
    run = await start(client)
    await fakes.graph_sync.drained.wait_called(times=1)

    await woken_again(run, fakes, times=2)
    await woken_again(run, fakes, times=3)
    await woken_again(run, fakes, times=4)
    await woken_again(run, fakes, times=5)

    # The new run begins by draining: a wake-up of the last moment is not lost.
    await fakes.graph_sync.drained.wait_called(times=6)
    await clock.advance_until(run.result(), step=timedelta(seconds=30))
    first = await client.get_workflow_handle(SHARD.workflow_id, run_id=run.first_execution_run_id).describe()
    assert first.status is WorkflowExecutionStatus.CONTINUED_AS_NEW


def heavy(_: Shard) -> Drained:
    """Four of them in a history, and the server asks for a new run."""
    return HeavyDrained(is_full=False)


@dataclass(frozen=True)
class HeavyDrained(Drained):
    ballast: str = "x" * 1_100_000


async def woken_again(run: IntentDrainRun, fakes: Fakes, times: int) -> None:
    await run.signal(IntentDrain.intents_opened)
    await fakes.graph_sync.drained.wait_called(times=times)
