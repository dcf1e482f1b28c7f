"""A client of PasswordReset, which takes the steps that the routes take. Its user may have no account."""

from dataclasses import dataclass
from typing import ClassVar

from temporalio.client import WorkflowUpdateHandle, WorkflowUpdateStage

from domain.auth.two_factor import SecondFactorProof
from domain.codes import CodePurpose
from domain.flows import FlowKind
from tests.support.keys import CODES, HASHES
from tests.workflows.clients.flow_client import BODY, WRONG, FlowActor
from workflows.auth.password_reset import (
    ChangePassword,
    ContextAnswer,
    PasswordReset,
    PasswordResetInput,
    ResetSubject,
    VerifyResetCode,
)
from workflows.flows import FlowAnswer

NEW_HASH = "$argon2id$new"
NOTHING = SecondFactorProof()
USER_ID = "5f" * 12
EPOCH = 3


@dataclass
class PasswordResetClient(FlowActor):
    """`is_known`: there is an account of that name."""

    is_known: bool = True

    kind: ClassVar = FlowKind.PASSWORD_RESET
    purpose: ClassVar = CodePurpose.FORGOT_PASSWORD_VERIFY

    async def starts(self) -> FlowAnswer:
        step = await self._step()
        order = PasswordResetInput(
            flow_id=self.flow_id,
            subject=ResetSubject(USER_ID, self.username, self.email_address, EPOCH) if self.is_known else None,
            address_prefix="192.0.2.0/24",
            asked_at=step.asked_at,
            key_id=CODES.current_key_id,
            code_life_seconds=int(self.code_life.total_seconds()),
            body_hash=BODY,
        )
        return await self._starts(PasswordReset.run, order, step)

    async def types(self, code: str) -> FlowAnswer:
        return await self.flow.execute_update(PasswordReset.verify, await self._typed(code))

    async def begins_to_type(self, code: str) -> WorkflowUpdateHandle[FlowAnswer]:
        """Returns once the flow has accepted the step."""
        return await self.flow.start_update(
            PasswordReset.verify, await self._typed(code), wait_for_stage=WorkflowUpdateStage.ACCEPTED
        )

    async def types_wrong(self, times: int) -> FlowAnswer:
        """Type wrong codes one after the other; the last answer."""
        for _ in range(times - 1):
            await self.types(WRONG)
        return await self.types(WRONG)

    async def proves(self) -> FlowAnswer:
        """Begin, and type the right code."""
        await self.starts()
        return await self.types(self.code())

    async def gets_context(self, code: str) -> ContextAnswer:
        """What the route asks for before it judges the strength of a password."""
        return await self.flow.execute_update(PasswordReset.context, await self._typed(code))

    async def chooses(
        self, *, code: str | None = None, second: SecondFactorProof = NOTHING, is_weak: bool = False
    ) -> FlowAnswer:
        """Choose a new password, with the right code unless another is given."""
        ask = await self._chosen(code or self.code(), second, is_weak=is_weak)
        return await self.flow.execute_update(PasswordReset.change, ask)

    async def begins_to_choose(self, second: SecondFactorProof = NOTHING) -> WorkflowUpdateHandle[FlowAnswer]:
        """Returns once the flow has accepted the step. This server keeps no result for a flow that ends with it."""
        ask = await self._chosen(self.code(), second, is_weak=False)
        return await self.flow.start_update(PasswordReset.change, ask, wait_for_stage=WorkflowUpdateStage.ACCEPTED)

    async def _typed(self, code: str) -> VerifyResetCode:
        return VerifyResetCode(HASHES.code_proof(self.flow_id, code), await self.clock.now(), BODY)

    async def _chosen(self, code: str, second: SecondFactorProof, *, is_weak: bool) -> ChangePassword:
        hashed = "" if is_weak else NEW_HASH
        return ChangePassword(
            HASHES.code_proof(self.flow_id, code), hashed, is_weak, second, await self.clock.now(), BODY
        )
