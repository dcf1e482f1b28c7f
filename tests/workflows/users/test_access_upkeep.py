"""AccessUpkeep: batch after batch, all by the same moment, through an outage."""

from datetime import timedelta

from temporalio.client import Client, WorkflowHandle

from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY
from tests.workflows.time_skipping import Clock
from workflows.queues import Queue
from workflows.search_attributes import BLOCKED_ON
from workflows.users.access_upkeep import AccessUpkeep

FIVE_QUIET_TRIES = timedelta(seconds=9)


async def start(client: Client) -> WorkflowHandle[AccessUpkeep, None]:
    return await client.start_workflow(AccessUpkeep.run, id="access-upkeep", task_queue=Queue.BULK)


async def test_batches_follow_until_none_is_full_and_have_one_moment(client: Client, fakes: Fakes) -> None:
    fakes.access_upkeep.ended.returns_next(lambda _: True)

    await (await start(client)).result()

    first, second = fakes.access_upkeep.ended.calls
    assert first.now == second.now


async def test_store_that_is_away_shows_until_it_is_back(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.access_upkeep.ended.fail(MONGO_AWAY, times=8)
    run = await start(client)

    await clock.advance(FIVE_QUIET_TRIES)
    during = (await run.describe()).typed_search_attributes.get(BLOCKED_ON)
    await clock.advance_until(run.result(), step=timedelta(seconds=30))

    assert (during, len(fakes.access_upkeep.ended.calls)) == ("mongo", 9)
