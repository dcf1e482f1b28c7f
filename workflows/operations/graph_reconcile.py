"""GraphReconcile: every hour, all accounts beside all nodes, page by page; what differs is mended and reported."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from temporalio import workflow

from activities.operations.graph_reconcile import (
    REMOVED_AT_MOST,
    ComparePage,
    FileReport,
    GraphReconcileActivities,
    Place,
)
from domain.operations.graph_reconcile import Tally
from workflows.activity_options import BULK, STORE
from workflows.steps import step

EVERY = timedelta(hours=1)
SUMMARY = "Compares the graph with the accounts, and mends what differs"


@dataclass(frozen=True)
class Compared:
    """What one run hands to the next. `place` is None at the end; so many nodes without an account may still go."""

    began_at: datetime
    tally: Tally = field(default_factory=Tally)
    place: Place | None = field(default_factory=Place)
    may_remove: int = REMOVED_AT_MOST


@workflow.defn(name="GraphReconcile")
class GraphReconcile:
    @workflow.run
    async def run(self, so_far: Compared | None = None) -> Tally:
        """Page after page, then the report. A long comparison goes on in a new run."""
        done = so_far or Compared(workflow.now())
        while done.place:
            done = await self._compare(done, done.place)
            if done.place and workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(done)
        report = FileReport(workflow.info().workflow_id, done.began_at, done.tally)
        await step(GraphReconcileActivities.file, report, STORE)
        return done.tally

    async def _compare(self, done: Compared, place: Place) -> Compared:
        ask = ComparePage(place, done.may_remove, workflow.now())
        page = await step(GraphReconcileActivities.compare, ask, BULK)
        left = done.may_remove - page.removed
        return replace(done, tally=done.tally + page.tally, place=page.place, may_remove=left)
