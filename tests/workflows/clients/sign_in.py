"""A client of SignIn, which has passed the first proof: takes the steps that the routes take."""

from dataclasses import dataclass
from typing import ClassVar

from temporalio.client import WorkflowUpdateHandle, WorkflowUpdateStage

from domain.auth.devices import DeviceInput
from domain.auth.sessions import AuthStrength
from domain.auth.two_factor import SecondFactorProof
from domain.codes import CodePurpose
from domain.flows import FlowKind
from domain.users.users import Role
from tests.support.keys import CODES, HASHES
from tests.workflows.clients.flow_client import BODY, WRONG, FlowActor
from tests.workflows.fakes.all import OTP
from workflows.auth.sign_in import ProveDevice, ProveSecondFactor, SignIn, SignInAnswer, SignInInput
from workflows.flows import FlowAnswer

LAPTOP = DeviceInput(fingerprint_typed="a" * 64, browser="Firefox 145", device="Laptop", app="decode")
WRONG_OTP = SecondFactorProof(otp="000000")
USER_ID = "5f" * 12
EPOCH = 3


@dataclass
class SignInClient(FlowActor):
    """By default on a new device, with the password and without a second factor."""

    is_device_new: bool = True
    has_second_factor: bool = False
    first_proof: AuthStrength = AuthStrength.PASSWORD
    wallet_address: str | None = None

    kind: ClassVar = FlowKind.SIGN_IN
    purpose: ClassVar = CodePurpose.FINGERPRINT_VERIFY

    async def starts(self) -> FlowAnswer:
        step = await self._step()
        order = SignInInput(
            flow_id=self.flow_id,
            user_id=USER_ID,
            user_key=HASHES.workflow_key(USER_ID),
            username=self.username,
            role=Role.USER,
            email_address=self.email_address,
            device=LAPTOP,
            address_prefix="192.0.2.0/24",
            epoch=EPOCH,
            needs_device_code=self.is_device_new,
            needs_second_factor=self.has_second_factor,
            asked_at=step.asked_at,
            key_id=CODES.current_key_id,
            code_life_seconds=int(self.code_life.total_seconds()),
            body_hash=BODY,
            first_proof=self.first_proof,
            wallet_address=self.wallet_address,
        )
        return await self._starts(SignIn.run, order, step)

    async def types(self, code: str) -> SignInAnswer:
        return await self.flow.execute_update(SignIn.prove_device, await self._typed(code))

    async def begins_to_type(self, code: str) -> WorkflowUpdateHandle[SignInAnswer]:
        """Returns once the flow has accepted the step. This server keeps no result for a flow that ends with it."""
        return await self.flow.start_update(
            SignIn.prove_device, await self._typed(code), wait_for_stage=WorkflowUpdateStage.ACCEPTED
        )

    async def types_wrong(self, times: int) -> SignInAnswer:
        """Type wrong codes one after the other; the last answer."""
        for _ in range(times - 1):
            await self.types(WRONG)
        return await self.types(WRONG)

    async def shows(self, second: SecondFactorProof = OTP, *, trusts_device: bool = False) -> SignInAnswer:
        """Show a second factor."""
        return await self.flow.execute_update(SignIn.prove_second_factor, await self._shown(second, trusts_device))

    async def begins_to_show(self, second: SecondFactorProof = OTP) -> WorkflowUpdateHandle[SignInAnswer]:
        return await self.flow.start_update(
            SignIn.prove_second_factor, await self._shown(second, False), wait_for_stage=WorkflowUpdateStage.ACCEPTED
        )

    async def shows_wrong(self, times: int) -> SignInAnswer:
        """Show wrong second factors one after the other; the last answer."""
        for _ in range(times - 1):
            await self.shows(WRONG_OTP)
        return await self.shows(WRONG_OTP)

    async def _typed(self, code: str) -> ProveDevice:
        return ProveDevice(HASHES.code_proof(self.flow_id, code), await self.clock.now(), BODY)

    async def _shown(self, second: SecondFactorProof, trusts_device: bool) -> ProveSecondFactor:
        return ProveSecondFactor(second, await self.clock.now(), BODY, trusts_device=trusts_device)
