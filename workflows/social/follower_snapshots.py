"""FollowerSnapshots: every night, and on an admin's request, snapshot every user's followers, page by page.

Snapshots of the day that already exist stay: a second run on a day adds only the missing ones.
"""

from dataclasses import dataclass

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.social.follower_snapshots import FollowerSnapshotActivities, SnapshotPage
from domain.flows import FlowKind, FlowState, FlowView
from workflows.activity_options import BULK
from workflows.flows import wait_handlers_finished
from workflows.job_flow import JobFlow
from workflows.steps import run_activity

SUMMARY = "Keeps who follows whom on this day"
MAX_LISTED = 100
"""How many ids of unreadable users a report lists."""


@dataclass(frozen=True)
class SnapshotsProgress:
    """What one run passes to the next. `day`: ISO date of the first run; `after`: the last user id done."""

    day: str
    after: str = ""
    people: int = 0
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True)
class SnapshotsInput:
    """`flow_id` and `body_hash` are empty for the nightly run, which no client queries."""

    flow_id: str = ""
    body_hash: str = ""
    so_far: SnapshotsProgress | None = None


@dataclass(frozen=True)
class SnapshotsReport(FlowView):
    """The flow and its result. `people`: how many snapshots it took; `unreadable`: ids of users who have none."""

    day: str = ""
    people: int = 0
    unreadable: tuple[str, ...] = ()


@workflow.defn(name="FollowerSnapshots")
class FollowerSnapshots(JobFlow):
    """The follower snapshots of one day, for all users. Returns the report."""

    @workflow.init
    def __init__(self, input: SnapshotsInput) -> None:
        self._input = input
        super().__init__(input.flow_id, FlowKind.FOLLOWER_SNAPSHOTS, body_hash=input.body_hash)
        self._done = input.so_far or SnapshotsProgress(workflow.now().date().isoformat())

    @workflow.run
    async def run(self, input: SnapshotsInput) -> SnapshotsReport:
        """Take the snapshots page by page. A long job continues in a new run."""
        try:
            while self._state.is_open:
                await self._snapshot_page()
        except ActivityError:
            # A retry does not help: an operator removes the cause and resets the workflow, or waits for the next run.
            self._state = FlowState.FAILED
        await self._close()
        return self._report()

    @workflow.query(name="look")
    def get_status(self) -> SnapshotsReport:
        """Return the job's state and its result so far."""
        return self._report()

    async def _snapshot_page(self) -> None:
        done = self._done
        page = await run_activity(
            FollowerSnapshotActivities.snapshot_pages, SnapshotPage(done.day, workflow.now(), done.after), BULK
        )
        unreadable = (done.unreadable + page.unreadable)[:MAX_LISTED]
        self._done = SnapshotsProgress(done.day, page.last or "", done.people + page.people, unreadable)
        if page.last is None and self._state.is_open:
            self._state = FlowState.COMPLETED
        if self._state.is_open and workflow.info().is_continue_as_new_suggested():
            await self._continue_as_new()

    async def _continue_as_new(self) -> None:
        await wait_handlers_finished()
        if self._state.is_open:
            workflow.continue_as_new(SnapshotsInput(self._input.flow_id, self._input.body_hash, self._done))

    def _report(self) -> SnapshotsReport:
        return SnapshotsReport(
            flow_id=self._input.flow_id,
            kind=FlowKind.FOLLOWER_SNAPSHOTS,
            state=self._state,
            day=self._done.day,
            people=self._done.people,
            unreadable=self._done.unreadable,
        )
