"""A client of EmailRevert, which has read the mail to the old address of an account."""

from dataclasses import dataclass
from typing import ClassVar

from temporalio.client import WorkflowUpdateHandle, WorkflowUpdateStage

from domain.codes import CodePurpose
from domain.flows import FlowKind
from tests.support.keys import CODES, HASHES
from tests.workflows.clients.flow_client import BODY, WRONG, FlowActor
from workflows.accounts.email_revert import EmailRevert, EmailRevertInput, RevertEmailChange
from workflows.flows import FlowAnswer
from workflows.queues import Queue
from workflows.search_attributes import flow_attributes

USER_ID = "5f" * 12


@dataclass
class EmailRevertClient(FlowActor):
    """Start the flow as a change of address does, without waiting for a result."""

    kind: ClassVar = FlowKind.EMAIL_REVERT
    purpose: ClassVar = CodePurpose.EMAIL_REVERT

    async def starts(self) -> EmailRevertInput:
        order = EmailRevertInput(
            flow_id=self.flow_id,
            user_id=USER_ID,
            username=self.username,
            email_address=self.email_address,
            changed_at=await self.clock.now(),
            device="Firefox 145, Laptop",
            address_prefix="192.0.2.0/24",
            key_id=CODES.current_key_id,
        )
        await self.client.start_workflow(
            EmailRevert.run,
            order,
            id=self.workflow_id,
            task_queue=Queue.IDENTITY,
            search_attributes=flow_attributes(self.kind, HASHES.subject_hash(self.email_address)),
        )
        return order

    async def types(self, code: str) -> FlowAnswer:
        return await self.flow.execute_update(EmailRevert.revert, await self._typed(code))

    async def begins_to_type(self, code: str) -> WorkflowUpdateHandle[FlowAnswer]:
        """Returns once the flow has accepted the step. This server keeps no result for a flow that ends with it."""
        return await self.flow.start_update(
            EmailRevert.revert, await self._typed(code), wait_for_stage=WorkflowUpdateStage.ACCEPTED
        )

    async def types_wrong(self, times: int) -> FlowAnswer:
        """Type wrong codes one after the other; the last answer."""
        for _ in range(times - 1):
            await self.types(WRONG)
        return await self.types(WRONG)

    async def is_superseded(self) -> None:
        """An earlier change was taken back."""
        await self.flow.signal(EmailRevert.superseded)

    async def _typed(self, code: str) -> RevertEmailChange:
        return RevertEmailChange(HASHES.code_proof(self.flow_id, code), await self.clock.now(), BODY, "192.0.2.0/24")
