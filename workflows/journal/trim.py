"""JournalTrim: daily, drop the entries that have been kept for 400 days, up to a checkpoint."""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, RetryState

from activities.journal.trim import TrimActivities, TrimJournal, Trimmed
from domain.journal.verification import RETENTION
from workflows.activity_options import BULK
from workflows.steps import run_activity

TIMEOUT = timedelta(hours=1)
"""Whatever is left then is dropped a day later."""
SUMMARY = "Drops journal entries older than 400 days"


@workflow.defn(name="JournalTrim")
class JournalTrim:
    """Drops the oldest entries. What is left verifies from the last checkpoint before it, which stays."""

    @workflow.run
    async def run(self) -> Trimmed:
        """Drop batch after batch, for an hour at most. Returns how many, and whether that was all."""
        give_up_at, dropped = workflow.now() + TIMEOUT, 0
        command = TrimJournal(workflow.now() - RETENTION)
        try:
            while True:
                trimmed = await run_activity(TrimActivities.trim, command, BULK, give_up_at=give_up_at)
                dropped += trimmed.dropped
                if trimmed.is_done or workflow.now() >= give_up_at:
                    return Trimmed(dropped, trimmed.is_done)
        except ActivityError as error:
            if error.retry_state is not RetryState.TIMEOUT:
                raise
            return Trimmed(dropped, is_done=False)
