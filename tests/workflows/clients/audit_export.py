"""A client of AuditExport, which takes the steps that the routes take."""

from typing import ClassVar

from domain.flows import FlowKind
from domain.journal.audit import AuditFilter
from tests.support.keys import HASHES
from tests.workflows.clients.flow_client import BODY, FlowActor
from workflows.flows import FlowAnswer
from workflows.journal.audit_export import AuditExport, AuditExportInput
from workflows.queues import Queue

USER_ID = "5f" * 12
ASKED = AuditFilter(type="role.*")


class AuditExportClient(FlowActor):
    kind: ClassVar = FlowKind.AUDIT_EXPORT
    queue: ClassVar = Queue.BULK

    @property
    def key(self) -> str:
        return HASHES.workflow_key(self.flow_id)

    async def starts(self) -> FlowAnswer:
        step = await self._step()
        order = AuditExportInput(self.flow_id, USER_ID, ASKED, "Linux", "192.0.2.0/24", step.asked_at, BODY)
        return await self._starts(AuditExport.run, order, step)
