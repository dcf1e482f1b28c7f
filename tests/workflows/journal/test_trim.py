"""JournalTrim: batch after batch, for an hour at most."""

from datetime import timedelta

from temporalio.client import Client, WorkflowHandle

from activities.journal.trim import TrimJournal, Trimmed
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY
from tests.workflows.time_skipping import Clock
from workflows.journal.trim import JournalTrim
from workflows.queues import Queue


async def start(client: Client) -> WorkflowHandle[JournalTrim, Trimmed]:
    return await client.start_workflow(JournalTrim.run, id="journal-trim", task_queue=Queue.BULK)


async def test_old_entries_are_dropped_until_none_is_left(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.journal.trimmed.returns_next(lambda _: Trimmed(100, is_done=False), lambda _: Trimmed(7, is_done=True))
    began = await clock.now()

    assert await (await start(client)).result() == Trimmed(107, is_done=True)

    before = [command.before for command in fakes.journal.trimmed.calls]
    assert before[0] == before[1]
    assert timedelta(0) <= before[0] + timedelta(days=400) - began < timedelta(minutes=1)


async def test_rest_is_left_to_the_next_day_after_an_hour(client: Client, clock: Clock, fakes: Fakes) -> None:
    def once(_: TrimJournal) -> Trimmed:
        fakes.journal.trimmed.always_fail(MONGO_AWAY)
        return Trimmed(100, is_done=False)

    fakes.journal.trimmed.returns_next(once)
    run = await start(client)

    trimmed = await clock.advance_until(run.result(), step=timedelta(minutes=10))

    assert trimmed == Trimmed(100, is_done=False)
