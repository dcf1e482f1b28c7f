"""GraphRebuild: the nodes of all people from their accounts, for a graph that was lost. Runs on demand.

`temporal workflow start --type GraphRebuild --task-queue graph`: it takes nothing, so that whoever has no key of ours
can start it.
"""

from dataclasses import dataclass

from temporalio import workflow

from activities.operations.graph_rebuild import GraphRebuildActivities
from domain.operations.graph_reconcile import MAX_LISTED
from workflows.activity_options import BULK
from workflows.steps import run_activity


@dataclass(frozen=True)
class RebuildProgress:
    """How far it is. `unreadable`: accounts that no profile can be made of; `last` is None when everybody is done."""

    users: int = 0
    last: str | None = ""
    unreadable: tuple[str, ...] = ()


@workflow.defn(name="GraphRebuild")
class GraphRebuild:
    @workflow.run
    async def run(self, progress: RebuildProgress | None = None) -> RebuildProgress:
        """Batches in the order of ids, each from where the ones before have ended."""
        done = progress or RebuildProgress()
        while done.last is not None:
            batches = await run_activity(GraphRebuildActivities.project, done.last, BULK)
            unreadable = (done.unreadable + batches.unreadable)[:MAX_LISTED]
            done = RebuildProgress(done.users + batches.users, batches.last, unreadable)
            if done.last is not None and workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(done)
        return done
