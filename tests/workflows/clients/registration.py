"""A client of Registration as the API is one: takes the steps that the routes take."""

from dataclasses import dataclass
from typing import ClassVar

from temporalio.client import WorkflowUpdateHandle, WorkflowUpdateStage

from domain.accounts.registration import AddressHolder
from domain.auth.devices import DeviceInput
from domain.codes import CodePurpose
from domain.flows import FlowKind
from tests.support.keys import CODES, HASHES
from tests.workflows.clients.flow_client import BODY, WRONG, FlowActor
from workflows.accounts.registration import Registration, RegistrationInput, VerifyAnswer, VerifyEmail
from workflows.flows import FlowAnswer

PHONE = DeviceInput(fingerprint_typed="f" * 64, browser="Firefox", device="Phone", app="decode")


@dataclass
class RegistrationClient(FlowActor):
    """`is_known`: the address has an account, or is held for one, whose `holder` is told. With `address_key`, the flow
    takes a place of that network.
    """

    is_known: bool = False
    holder: AddressHolder | None = None
    address_key: str = ""

    kind: ClassVar = FlowKind.REGISTRATION
    purpose: ClassVar = CodePurpose.CREATE_ACCOUNT

    async def starts(self) -> FlowAnswer:
        step = await self._step()
        order = RegistrationInput(
            flow_id=self.flow_id,
            username=self.username,
            email_address=self.email_address,
            password_hashed="$argon2id$none",
            is_known=self.is_known,
            asked_at=step.asked_at,
            key_id=CODES.current_key_id,
            code_life_seconds=int(self.code_life.total_seconds()),
            body_hash=BODY,
            address_key=self.address_key,
            holder=self.holder,
        )
        return await self._starts(Registration.run, order, step)

    async def types(self, code: str, device: DeviceInput | None = None) -> VerifyAnswer:
        return await self.flow.execute_update(Registration.verify, await self._proof(code, device))

    async def begins_to_type(self, code: str) -> WorkflowUpdateHandle[VerifyAnswer]:
        """Returns once the flow has accepted the step. This server keeps no result for a flow that ends with it."""
        return await self.flow.start_update(
            Registration.verify, await self._proof(code), wait_for_stage=WorkflowUpdateStage.ACCEPTED
        )

    async def types_wrong(self, times: int) -> VerifyAnswer:
        """Type wrong codes one after the other; the last answer."""
        for _ in range(times - 1):
            await self.types(WRONG)
        return await self.types(WRONG)

    async def _proof(self, code: str, device: DeviceInput | None = None) -> VerifyEmail:
        return VerifyEmail(HASHES.code_proof(self.flow_id, code), await self.clock.now(), BODY, device)
