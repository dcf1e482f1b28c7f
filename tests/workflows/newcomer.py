"""A person who registers, seen from the API: takes the steps that its routes take."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowHandle,
    WorkflowUpdateHandle,
    WorkflowUpdateStage,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError

from domain.codes import CodePurpose
from domain.devices import DeviceFields
from domain.flows import FlowKind, FlowView
from tests.keys import CODES, HASHES
from tests.waiting import eventually
from tests.workflows.skipping import Clock
from workflows.attributes import BLOCKED_ON, FLOW_STATE, flow_attributes
from workflows.flows import FlowAnswer, FlowStep
from workflows.options import TASK_TIMEOUT
from workflows.queues import Queue
from workflows.registration import Registration, RegistrationOrder, VerifyAnswer, VerifyEmail

WRONG = "WRQNG2"
PHONE = DeviceFields(fingerprint_typed="f" * 64, browser="Firefox", device="Phone", app="decode")
BODY = "body"


@dataclass
class Newcomer:
    """`asks` begins the flow; every other step needs it to have begun."""

    client: Client
    clock: Clock
    username: str = "ann_lee"
    email_address: str = "ann@people.test"
    is_known: bool = False
    code_life: timedelta = timedelta(minutes=10)
    flow_id: str = field(default_factory=lambda: HASHES.flow_id(FlowKind.REGISTRATION, None))

    @property
    def workflow_id(self) -> str:
        return f"registration/{HASHES.workflow_key(self.flow_id)}"

    @property
    def flow(self) -> WorkflowHandle[Registration, FlowView]:
        return self.client.get_workflow_handle_for(Registration.run, self.workflow_id)

    async def asks(self) -> FlowAnswer:
        """Begin, in one call with the wait for the first answer."""
        step = await self._step()
        order = RegistrationOrder(
            flow_id=self.flow_id,
            username=self.username,
            email_address=self.email_address,
            password_hashed="$argon2id$none",
            is_known=self.is_known,
            asked_at=step.asked_at,
            key_id=CODES.current_key_id,
            code_life_seconds=int(self.code_life.total_seconds()),
            body_hash=BODY,
        )
        start = WithStartWorkflowOperation(
            Registration.run,
            order,
            id=self.workflow_id,
            task_queue=Queue.IDENTITY,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            task_timeout=TASK_TIMEOUT,
            search_attributes=flow_attributes(FlowKind.REGISTRATION, HASHES.subject(self.email_address)),
            static_summary="Registration of a new account",
        )
        return await self.client.execute_update_with_start_workflow(
            Registration.begun, step, start_workflow_operation=start, id="begun"
        )

    def code(self, issue_no: int = 1) -> str:
        """What the mail of that issue says."""
        return CODES.code(
            flow_id=self.flow_id,
            purpose=CodePurpose.CREATE_ACCOUNT,
            issue_no=issue_no,
            key_id=CODES.current_key_id,
        )

    async def types(self, code: str, device: DeviceFields | None = None) -> VerifyAnswer:
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

    async def wants_another(self) -> FlowAnswer:
        return await self.flow.execute_update(Registration.resend, await self._step())

    async def waits_and_wants_another(self, duration: timedelta) -> FlowAnswer:
        await self.clock.passes(duration)
        return await self.wants_another()

    async def cancels(self) -> FlowAnswer:
        return await self.flow.execute_update(Registration.cancel, await self._step())

    async def begins_to_cancel(self) -> None:
        """Returns once the flow has accepted the step."""
        accepted = WorkflowUpdateStage.ACCEPTED
        await self.flow.start_update(Registration.cancel, await self._step(), wait_for_stage=accepted)

    async def looks(self) -> FlowView:
        return await self.flow.query(Registration.look)

    async def end(self) -> FlowView:
        return await self.flow.result()

    async def blocked_on(self) -> str | None:
        """What an operator sees: the server that the flow waits for."""
        return (await self.flow.describe()).typed_search_attributes.get(BLOCKED_ON)

    async def was_ever_blocked(self) -> bool:
        changes = [event.upsert_workflow_search_attributes_event_attributes for event in await self.events()]
        return any(BLOCKED_ON.name in change.search_attributes.indexed_fields for change in changes)

    async def listed_state(self) -> str | None:
        """What an operator sees: the state in the list of flows."""
        return (await self.flow.describe()).typed_search_attributes.get(FLOW_STATE)

    async def events(self) -> Sequence[HistoryEvent]:
        return (await self.flow.fetch_history()).events

    async def exists(self) -> None:
        """Wait until the server knows the flow."""
        await eventually(self._is_known)

    async def ended_at(self) -> datetime | None:
        """On the server's clock."""
        return (await self.flow.describe()).close_time

    async def _is_known(self) -> bool:
        try:
            await self.flow.describe()
        except RPCError:
            return False
        return True

    async def _proof(self, code: str, device: DeviceFields | None = None) -> VerifyEmail:
        return VerifyEmail(HASHES.proof(self.flow_id, code), await self.clock.now(), BODY, device)

    async def _step(self) -> FlowStep:
        return FlowStep(await self.clock.now(), BODY)
