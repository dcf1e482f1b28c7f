"""The journal, as a fake writes flows' ends to it."""

from temporalio import activity

from domain.journal.flow_ends import FlowEnd
from tests.workflows.fakes.fake_activity import FakeActivity


class FakeFlowEnds:
    def __init__(self) -> None:
        self.recorded = FakeActivity[FlowEnd, None](lambda _: None)

    @activity.defn(name="flows.record_end")
    async def record(self, command: FlowEnd) -> None:
        await self.recorded.call(command)
