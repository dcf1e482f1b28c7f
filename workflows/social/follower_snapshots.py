"""FollowerSnapshots: every night, and when an admin asks, the day of everybody's followers, page after page.

What is there of a day already stays: taken twice it is taken once.
"""

from dataclasses import dataclass

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.social.follower_snapshots import FollowerSnapshotActivities, TakePage
from domain.flows import FlowKind, FlowState, FlowView
from workflows.activity_options import BULK
from workflows.flows import settle
from workflows.job_flow import JobFlow
from workflows.steps import step

SUMMARY = "Keeps who follows whom on this day"
NAMED_AT_MOST = 100
"""So many ids of people who cannot be read are named."""


@dataclass(frozen=True)
class SnapshotsSoFar:
    """What one run hands to the next. `day` is that of the first; people behind `after` are still to come."""

    day: str
    after: str = ""
    people: int = 0
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True)
class SnapshotsOrder:
    """`flow_id` is empty for the nightly one: nobody looks at it as a flow."""

    flow_id: str = ""
    body_hash: str = ""
    so_far: SnapshotsSoFar | None = None


@dataclass(frozen=True)
class SnapshotsReport(FlowView):
    """The flow, and what it has done: whose day was taken, and who could not be read and has none."""

    day: str = ""
    people: int = 0
    unreadable: tuple[str, ...] = ()


@workflow.defn(name="FollowerSnapshots")
class FollowerSnapshots(JobFlow):
    @workflow.init
    def __init__(self, order: SnapshotsOrder) -> None:
        self._order = order
        super().__init__(order.flow_id, FlowKind.FOLLOWER_SNAPSHOTS, body_hash=order.body_hash)
        self._done = order.so_far or SnapshotsSoFar(workflow.now().date().isoformat())

    @workflow.run
    async def run(self, order: SnapshotsOrder) -> SnapshotsReport:
        """Page after page. A long one goes on in a new run."""
        try:
            while self._state.is_open:
                await self._take_page()
        except ActivityError:
            # No further try can mend it: an operator removes the cause and resets the workflow, or waits for the next.
            self._state = FlowState.FAILED
        await self._close()
        return self._report()

    @workflow.query(name="look")
    def look(self) -> SnapshotsReport:
        return self._report()

    async def _take_page(self) -> None:
        done = self._done
        page = await step(FollowerSnapshotActivities.take, TakePage(done.day, workflow.now(), done.after), BULK)
        unreadable = (done.unreadable + page.unreadable)[:NAMED_AT_MOST]
        self._done = SnapshotsSoFar(done.day, page.last or "", done.people + page.people, unreadable)
        if page.last is None and self._state.is_open:
            self._state = FlowState.COMPLETED
        if self._state.is_open and workflow.info().is_continue_as_new_suggested():
            await self._go_on_anew()

    async def _go_on_anew(self) -> None:
        await settle()
        if self._state.is_open:
            workflow.continue_as_new(SnapshotsOrder(self._order.flow_id, self._order.body_hash, self._done))

    def _report(self) -> SnapshotsReport:
        return SnapshotsReport(
            flow_id=self._order.flow_id,
            kind=FlowKind.FOLLOWER_SNAPSHOTS,
            state=self._state,
            day=self._done.day,
            people=self._done.people,
            unreadable=self._done.unreadable,
        )
