"""A client of EmailChange, which takes the steps that the routes take for a signed-in user."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from temporalio.client import WorkflowUpdateHandle, WorkflowUpdateStage

from domain.codes import CodePurpose
from domain.flows import FlowKind
from tests.support.keys import CODES, HASHES
from tests.workflows.clients.flow_client import BODY, WRONG, FlowActor
from workflows.accounts.email_change import (
    EmailChange,
    EmailChangeInput,
    EnterNewEmail,
    ProveNewEmail,
    ProveOldEmail,
)
from workflows.flows import FlowAnswer

USER_ID = "5f" * 12
SESSION_ID = "ab" * 12
NEW_ADDRESS = "ann@elsewhere.test"


@dataclass
class EmailChangeClient(FlowActor):
    kind: ClassVar = FlowKind.EMAIL_CHANGE
    purpose: ClassVar = CodePurpose.EMAIL_CHANGE_VERIFY

    async def starts(self) -> FlowAnswer:
        step = await self._step()
        order = EmailChangeInput(
            flow_id=self.flow_id,
            user_id=USER_ID,
            username=self.username,
            email_address=self.email_address,
            asked_at=step.asked_at,
            key_id=CODES.current_key_id,
            code_life_seconds=int(self.code_life.total_seconds()),
            body_hash=BODY,
        )
        return await self._starts(EmailChange.run, order, step)

    def new_code(self, issue_no: int = 1) -> str:
        """The code in the mail to the new address."""
        return CODES.code(
            flow_id=self.flow_id,
            purpose=CodePurpose.NEW_EMAIL_CHANGE_VERIFY,
            issue_no=issue_no,
            key_id=CODES.current_key_id,
        )

    async def types(self, code: str) -> FlowAnswer:
        """The code that went to the old address."""
        ask = ProveOldEmail(HASHES.code_proof(self.flow_id, code), await self.clock.now(), BODY)
        return await self.flow.execute_update(EmailChange.verify, ask)

    async def types_wrong(self, times: int) -> FlowAnswer:
        """Type wrong codes one after the other; the last answer."""
        for _ in range(times - 1):
            await self.types(WRONG)
        return await self.types(WRONG)

    async def enters_new_email(self, email_address: str = NEW_ADDRESS) -> FlowAnswer:
        ask = EnterNewEmail(email_address, await self.clock.now(), BODY)
        return await self.flow.execute_update(EmailChange.enter_new_email, ask)

    async def waits_and_enters_new_email(self, duration: timedelta, email_address: str = NEW_ADDRESS) -> FlowAnswer:
        await self.clock.advance(duration)
        return await self.enters_new_email(email_address)

    async def has_entered_new_email(self) -> FlowAnswer:
        """Until the code of the new address is waited for."""
        await self.starts()
        await self.types(self.code())
        return await self.enters_new_email()

    async def types_new(self, code: str) -> FlowAnswer:
        return await self.flow.execute_update(EmailChange.verify_new, await self._typed(code))

    async def begins_to_type_new(self, code: str) -> WorkflowUpdateHandle[FlowAnswer]:
        """Returns once the flow has accepted the step. This server keeps no result for a flow that ends with it."""
        return await self.flow.start_update(
            EmailChange.verify_new, await self._typed(code), wait_for_stage=WorkflowUpdateStage.ACCEPTED
        )

    async def is_superseded(self) -> None:
        """By another flow of the same user."""
        await self.flow.signal(EmailChange.superseded)

    async def _typed(self, code: str) -> ProveNewEmail:
        proof, now = HASHES.code_proof(self.flow_id, code), await self.clock.now()
        return ProveNewEmail(proof, now, BODY, SESSION_ID, "Firefox 145, Laptop", "192.0.2.0/24")
