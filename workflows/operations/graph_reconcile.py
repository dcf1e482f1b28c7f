"""GraphReconcile: every hour, compare all accounts with all nodes, page by page; repair and report differences."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from temporalio import workflow

from activities.operations.graph_reconcile import (
    MAX_REMOVED,
    ComparePage,
    GraphReconcileActivities,
    ReconcilePosition,
    SaveReport,
)
from domain.operations.graph_reconcile import ReconcileCounts
from workflows.activity_options import BULK, STORE
from workflows.steps import run_activity

RECONCILE_INTERVAL = timedelta(hours=1)
SUMMARY = "Compares the graph with the accounts, and mends what differs"


@dataclass(frozen=True)
class ReconcileProgress:
    """What one run passes to the next. `place`: None at the end; `may_remove`: how many more nodes it may delete."""

    began_at: datetime
    tally: ReconcileCounts = field(default_factory=ReconcileCounts)
    place: ReconcilePosition | None = field(default_factory=ReconcilePosition)
    may_remove: int = MAX_REMOVED


@workflow.defn(name="GraphReconcile")
class GraphReconcile:
    """One comparison of all accounts with all nodes. Returns its counts."""

    @workflow.run
    async def run(self, progress: ReconcileProgress | None = None) -> ReconcileCounts:
        """Compare page by page, then save the report. A long comparison continues in a new run."""
        done = progress or ReconcileProgress(workflow.now())
        while done.place:
            done = await self._compare(done, done.place)
            if done.place and workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(done)
        report = SaveReport(workflow.info().workflow_id, done.began_at, done.tally)
        await run_activity(GraphReconcileActivities.save_report, report, STORE)
        return done.tally

    async def _compare(self, done: ReconcileProgress, place: ReconcilePosition) -> ReconcileProgress:
        command = ComparePage(place, done.may_remove, workflow.now())
        page = await run_activity(GraphReconcileActivities.compare, command, BULK)
        left = done.may_remove - page.removed
        return replace(done, tally=done.tally + page.tally, place=page.place, may_remove=left)
