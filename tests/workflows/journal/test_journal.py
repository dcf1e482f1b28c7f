"""The journal's entity numbers round after round, through every outage."""

from datetime import timedelta

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle

from activities.journal.journal import KeepNumbering
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY
from tests.workflows.time_skipping import Clock
from workflows.journal.journal import ROUND_TIMEOUT, ROUNDS, WORKFLOW_ID, Journal
from workflows.queues import Queue
from workflows.search_attributes import BLOCKED_ON

FIVE_QUIET_TRIES = timedelta(seconds=9)


async def start(client: Client) -> WorkflowHandle[Journal, None]:
    return await client.start_workflow(Journal.run, KeepNumbering(), id=WORKFLOW_ID, task_queue=Queue.JOURNAL)


async def test_rounds_go_on_in_a_new_run(client: Client, fakes: Fakes) -> None:
    first = await start(client)

    await fakes.journal.numbered.wait_called(times=ROUNDS + 1)

    fakes.journal.numbered.hang()
    assert (await client.get_workflow_handle(WORKFLOW_ID).describe()).run_id != first.first_execution_run_id


async def test_store_that_is_away_shows_until_it_is_back(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.journal.numbered.always_fail(MONGO_AWAY)
    run = await start(client)

    await clock.advance(FIVE_QUIET_TRIES)
    during = (await run.describe()).typed_search_attributes.get(BLOCKED_ON)
    tries = len(fakes.journal.numbered.calls)
    fakes.journal.numbered.recover()

    assert during == "mongo"
    await clock.advance_until(fakes.journal.numbered.wait_called(times=tries + 1))


async def test_round_without_an_end_is_given_up_for_the_next(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.journal.numbered.always_fail(MONGO_AWAY)
    run = await start(client)

    await clock.advance(ROUND_TIMEOUT + timedelta(minutes=1))
    fakes.journal.numbered.recover()

    assert (await run.describe()).status is WorkflowExecutionStatus.RUNNING
