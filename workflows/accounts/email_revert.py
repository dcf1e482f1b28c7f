"""EmailRevert: for seven days, whoever reads the mail of the old address can take a change back."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy

from activities.accounts.email_revert import AddressReverted, EmailRevertActivities, RevertAddress
from activities.delivery.mail import MailOrder
from domain.accounts.identifier_changes import REVERT_LIFE, ChangeOutcome
from domain.codes import CodeLeg, CodePurpose
from domain.delivery.mail import MailKind
from domain.errors import DecodeError, FlowClosed
from domain.flow_progress import Progress
from domain.flows import FlowKind, FlowState, FlowView, NextStep
from domain.moments import written_minute
from domain.users.security_events import EventKind
from workflows.activity_options import STORE
from workflows.background import start_in_background
from workflows.code_flow import CodeFlow
from workflows.delivery.mail import post
from workflows.flows import SUPERSEDED, FlowAnswer, answered, closed, failing_for_good, run_out, supersede
from workflows.handlers import update
from workflows.queues import Queue
from workflows.search_attributes import flow_attributes_of_child
from workflows.steps import quick_step
from workflows.users.security_notices import tell_owner


@dataclass(frozen=True)
class EmailRevertOrder:
    """The change that can be taken back: whose, when, from where. `email_address` is the old one."""

    flow_id: str
    user_id: str
    username: str
    email_address: str
    changed_at: datetime
    device: str
    address_prefix: str
    key_id: str
    locale: str = "en"


@dataclass(frozen=True)
class ProveOldMailbox:
    """`proof` stands for the typed code."""

    proof: str
    asked_at: datetime
    body_hash: str
    address_prefix: str


@workflow.defn(name="EmailRevert")
class EmailRevert(CodeFlow):
    @workflow.init
    def __init__(self, order: EmailRevertOrder) -> None:
        self._order = order
        leg = CodeLeg(order.changed_at, REVERT_LIFE, ends_at=order.changed_at + REVERT_LIFE)
        super().__init__(
            Progress(order.flow_id, FlowKind.EMAIL_REVERT, leg, NextStep.EMAIL_CODE, resends=()),
            CodePurpose.EMAIL_REVERT,
            key_id=order.key_id,
            locale=order.locale,
        )
        self._reverted: AddressReverted | None = None

    @workflow.run
    async def run(self, order: EmailRevertOrder) -> FlowView:
        """Tell the old address, then wait. Id and code are in that one mail and nowhere else."""
        await post(self._mail())
        await run_out(self._flow)
        if self._reverted and self._reverted.notice:
            await tell_owner(self._reverted.notice)
            await asyncio.gather(*map(supersede, self._reverted.closed))
        return await closed(self._flow)

    @update(name="revert")
    async def revert(self, ask: ProveOldMailbox) -> FlowAnswer:
        """Judge one typed code. The right one takes the change back."""
        async with self._turn:
            with failing_for_good(self._flow):
                refusal = await self._judge_code(ask.proof, ask.asked_at) or await self._revert(ask)
            return answered(self._flow, ask.body_hash, refusal)

    @workflow.signal(name=SUPERSEDED)
    async def superseded(self) -> None:
        """An earlier change was taken back, and this one with it."""
        async with self._turn:
            self._flow.cancel()

    async def _revert(self, ask: ProveOldMailbox) -> type[DecodeError] | None:
        self._flow.leg.is_proved = True
        order = self._order
        revert = RevertAddress(
            self._workflow_id, order.user_id, order.email_address, workflow.now(), ask.address_prefix
        )
        self._reverted = await quick_step(EmailRevertActivities.revert, revert, STORE)
        outcome = self._reverted.outcome
        ends = {ChangeOutcome.DONE: FlowState.COMPLETED, ChangeOutcome.SUPERSEDED: FlowState.CANCELLED}
        self._flow.state = ends.get(outcome, FlowState.FAILED)
        return None if outcome is ChangeOutcome.DONE else FlowClosed

    def _mail(self) -> MailOrder:
        order = self._order
        variables = {
            "event": EventKind.EMAIL_CHANGED,
            "username": order.username,
            "flow_id": order.flow_id,
            "at": written_minute(order.changed_at),
            "device": order.device,
            "origin": order.address_prefix,
        }
        return self._code_mail(MailKind.EMAIL_CHANGED, order.email_address, variables)


async def offer_revert(revert_id: str, order: EmailRevertOrder) -> None:
    """Start it as a workflow of its own, which outlives the change. Safe to call twice."""
    await start_in_background(
        EmailRevert.run,
        order,
        workflow_id=revert_id,
        queue=Queue.IDENTITY,
        summary="Lets a change of mail address be taken back",
        search_attributes=flow_attributes_of_child(FlowKind.EMAIL_REVERT),
        reuse=WorkflowIDReusePolicy.REJECT_DUPLICATE,
    )
