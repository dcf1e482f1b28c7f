"""A client of AccountExport, which takes the steps that the routes take."""

from typing import ClassVar

from domain.flows import FlowKind
from tests.support.keys import HASHES
from tests.workflows.clients.flow_client import BODY, FlowActor
from workflows.accounts.account_export import AccountExport, AccountExportInput
from workflows.flows import FlowAnswer
from workflows.queues import Queue

USER_ID = "5f" * 12


class AccountExportClient(FlowActor):
    kind: ClassVar = FlowKind.ACCOUNT_EXPORT
    queue: ClassVar = Queue.BULK

    @property
    def key(self) -> str:
        return HASHES.workflow_key(self.flow_id)

    async def starts(self) -> FlowAnswer:
        step = await self._step()
        order = AccountExportInput(self.flow_id, USER_ID, "Linux", "192.0.2.0/24", step.asked_at, BODY)
        return await self._starts(AccountExport.run, order, step)
