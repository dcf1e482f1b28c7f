"""A client of UsernameChange, which takes the steps that the routes take for a signed-in user."""

from dataclasses import dataclass
from typing import ClassVar

from temporalio.client import WorkflowUpdateHandle, WorkflowUpdateStage

from domain.codes import CodePurpose
from domain.flows import FlowKind
from tests.support.keys import CODES, HASHES
from tests.workflows.clients.flow_client import BODY, WRONG, FlowActor
from workflows.accounts.username_change import ProveUsernameChange, UsernameChange, UsernameChangeInput
from workflows.flows import FlowAnswer

USER_ID = "5f" * 12
NEW_NAME = "ann_of_green"


@dataclass
class UsernameChangeClient(FlowActor):
    kind: ClassVar = FlowKind.USERNAME_CHANGE
    purpose: ClassVar = CodePurpose.USERNAME_CHANGE_VERIFY

    async def starts(self) -> FlowAnswer:
        step = await self._step()
        order = UsernameChangeInput(
            flow_id=self.flow_id,
            user_id=USER_ID,
            user_key=HASHES.workflow_key(USER_ID),
            username=self.username,
            new_username=NEW_NAME,
            email_address=self.email_address,
            asked_at=step.asked_at,
            key_id=CODES.current_key_id,
            code_life_seconds=int(self.code_life.total_seconds()),
            body_hash=BODY,
        )
        return await self._starts(UsernameChange.run, order, step)

    async def types(self, code: str) -> FlowAnswer:
        return await self.flow.execute_update(UsernameChange.verify, await self._typed(code))

    async def begins_to_type(self, code: str) -> WorkflowUpdateHandle[FlowAnswer]:
        """Returns once the flow has accepted the step. This server keeps no result for a flow that ends with it."""
        return await self.flow.start_update(
            UsernameChange.verify, await self._typed(code), wait_for_stage=WorkflowUpdateStage.ACCEPTED
        )

    async def types_wrong(self, times: int) -> FlowAnswer:
        """Type wrong codes one after the other; the last answer."""
        for _ in range(times - 1):
            await self.types(WRONG)
        return await self.types(WRONG)

    async def is_superseded(self) -> None:
        """By another flow of the same user."""
        await self.flow.signal(UsernameChange.superseded)

    async def _typed(self, code: str) -> ProveUsernameChange:
        proof = HASHES.code_proof(self.flow_id, code)
        return ProveUsernameChange(proof, await self.clock.now(), BODY, "Firefox 145, Laptop", "192.0.2.0/24")
