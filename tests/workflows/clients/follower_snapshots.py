"""A client of FollowerSnapshots, as an admin starts it."""

from typing import ClassVar

from domain.flows import FlowKind
from tests.workflows.clients.flow_client import BODY, FlowActor
from workflows.flows import FlowAnswer
from workflows.queues import Queue
from workflows.social.follower_snapshots import FollowerSnapshots, SnapshotsInput, SnapshotsReport


class FollowerSnapshotsClient(FlowActor):
    kind: ClassVar = FlowKind.FOLLOWER_SNAPSHOTS
    queue: ClassVar = Queue.BULK

    async def starts(self) -> FlowAnswer:
        return await self._starts(FollowerSnapshots.run, SnapshotsInput(self.flow_id, BODY), await self._step())

    async def report(self) -> SnapshotsReport:
        """What an operator sees at the end."""
        flow = self.client.get_workflow_handle(self.workflow_id, result_type=SnapshotsReport)
        report: SnapshotsReport = await flow.result()
        return report
