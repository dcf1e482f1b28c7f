"""Journal: one entity that numbers occurrences, for as long as there is a worker."""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, RetryState

from activities.journal.journal import JournalActivities, KeepNumbering
from workflows.activity_options import NUMBERING
from workflows.background import start_in_background
from workflows.queues import Queue
from workflows.steps import run_activity

WORKFLOW_ID = "journal"
SUMMARY = "Numbers what happened, in one chain"
ROUNDS = 12
"""With five minutes each a run lasts an hour, and its history stays below a hundred events."""
ROUND_TIMEOUT = timedelta(minutes=15)
"""When a round that no worker or no server has let end is given up for the next."""


@workflow.defn(name="Journal")
class Journal:
    """Numbers round after round, then goes on in a new run. A permanent failure ends it, until the sweep starts it."""

    @workflow.run
    async def run(self, command: KeepNumbering) -> None:
        """Number for some rounds."""
        for _ in range(ROUNDS):
            await _number(command)
        workflow.continue_as_new(command)


async def _number(command: KeepNumbering) -> None:
    try:
        await run_activity(JournalActivities.number, command, NUMBERING, give_up_at=workflow.now() + ROUND_TIMEOUT)
    except ActivityError as error:
        if error.retry_state is not RetryState.TIMEOUT:
            raise
        workflow.logger.warning("a round of numbering was given up for the next")


async def start_journal() -> None:
    """Start the entity unless it runs."""
    await start_in_background(
        Journal.run, KeepNumbering(), workflow_id=WORKFLOW_ID, queue=Queue.JOURNAL, summary=SUMMARY
    )
