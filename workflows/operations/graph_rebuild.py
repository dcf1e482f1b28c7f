"""GraphRebuild: write the nodes of all users from their accounts, after the graph was lost. Runs on demand.

`temporal workflow start --type GraphRebuild --task-queue graph`: it takes no input, so that an operator without the
payload keys can start it.
"""

from dataclasses import dataclass

from temporalio import workflow

from activities.operations.graph_rebuild import GraphRebuildActivities
from domain.operations.graph_reconcile import MAX_LISTED
from workflows.activity_options import BULK
from workflows.steps import run_activity


@dataclass(frozen=True)
class RebuildProgress:
    """`last`: the id that the next batch starts after, None at the end; `unreadable`: ids without a valid profile."""

    users: int = 0
    last: str | None = ""
    unreadable: tuple[str, ...] = ()


@workflow.defn(name="GraphRebuild")
class GraphRebuild:
    """The rebuild of all user nodes. Returns the final progress."""

    @workflow.run
    async def run(self, progress: RebuildProgress | None = None) -> RebuildProgress:
        """Write batches in the order of account ids. A long rebuild continues in a new run with `progress`."""
        done = progress or RebuildProgress()
        while done.last is not None:
            batches = await run_activity(GraphRebuildActivities.project, done.last, BULK)
            unreadable = (done.unreadable + batches.unreadable)[:MAX_LISTED]
            done = RebuildProgress(done.users + batches.users, batches.last, unreadable)
            if done.last is not None and workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(done)
        return done
