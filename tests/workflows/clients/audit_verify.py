"""A client of AuditVerify, as an admin starts it."""

from typing import ClassVar

from domain.flows import FlowKind
from tests.workflows.clients.flow_client import BODY, FlowActor
from workflows.flows import FlowAnswer
from workflows.operations.audit_verify import AuditVerify, VerifyInput, VerifyReport
from workflows.queues import Queue


class AuditVerifyClient(FlowActor):
    kind: ClassVar = FlowKind.AUDIT_VERIFY
    queue: ClassVar = Queue.BULK

    async def starts(self, first: int | None = None, last: int | None = None) -> FlowAnswer:
        input = VerifyInput(self.flow_id, BODY, user_id="0" * 24, first=first, last=last)
        return await self._starts(AuditVerify.run, input, await self._step())

    async def report(self) -> VerifyReport:
        """What is shown at the end."""
        flow = self.client.get_workflow_handle(self.workflow_id, result_type=VerifyReport)
        report: VerifyReport = await flow.result()
        return report
