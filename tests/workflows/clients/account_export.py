"""Somebody who wants to know what is held about them."""

from typing import ClassVar

from domain.flows import FlowKind
from tests.support.keys import HASHES
from tests.workflows.clients.flow_client import BODY, Actor
from workflows.accounts.account_export import AccountExport, AccountExportOrder
from workflows.flows import FlowAnswer
from workflows.queues import Queue

USER_ID = "5f" * 12


class Exporter(Actor):
    kind: ClassVar = FlowKind.ACCOUNT_EXPORT
    queue: ClassVar = Queue.BULK

    @property
    def key(self) -> str:
        return HASHES.workflow_key(self.flow_id)

    async def asks(self) -> FlowAnswer:
        step = await self._step()
        order = AccountExportOrder(self.flow_id, USER_ID, "Linux", "192.0.2.0/24", step.asked_at, BODY)
        return await self._begins(AccountExport.run, order, step)
