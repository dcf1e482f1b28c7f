"""EmailRevert: for seven days, the code mailed to the old address can revert a change of address."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy

from activities.accounts.email_revert import EmailRevertActivities, EmailReverted, RevertEmail
from activities.delivery.mail import MailInput
from domain.accounts.identifier_changes import REVERT_WINDOW, ChangeOutcome
from domain.codes import CodeChallenge, CodePurpose
from domain.delivery.mail import MailKind
from domain.errors import DecodeError, FlowClosed
from domain.flow_progress import FlowProgress
from domain.flows import FlowKind, FlowState, FlowView, NextStep
from domain.moments import written_minute
from domain.users.security_events import EventKind
from workflows.activity_options import STORE
from workflows.background import start_in_background
from workflows.code_flow import CodeFlow
from workflows.delivery.mail import send_mail
from workflows.flows import (
    SUPERSEDED,
    FlowAnswer,
    build_answer,
    close_flow_before,
    fail_flow_on_error,
    supersede,
    wait_until_closed,
)
from workflows.handlers import update
from workflows.queues import Queue
from workflows.search_attributes import flow_attributes_of_child
from workflows.steps import run_inline_activity
from workflows.users.security_notices import start_notice


@dataclass(frozen=True)
class EmailRevertInput:
    """The change that can be reverted: by which user, when, from which device. `email_address` is the old one."""

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
class RevertEmailChange:
    """`proof` is the keyed hash of the typed code; `address_prefix`: the network of the request."""

    proof: str
    asked_at: datetime
    body_hash: str
    address_prefix: str


@workflow.defn(name="EmailRevert")
class EmailRevert(CodeFlow):
    """The revert window of one change of mail address. Returns the closed flow."""

    @workflow.init
    def __init__(self, input: EmailRevertInput) -> None:
        self._input = input
        challenge = CodeChallenge(input.changed_at, REVERT_WINDOW, ends_at=input.changed_at + REVERT_WINDOW)
        super().__init__(
            FlowProgress(input.flow_id, FlowKind.EMAIL_REVERT, challenge, NextStep.EMAIL_CODE, resends=()),
            CodePurpose.EMAIL_REVERT,
            key_id=input.key_id,
            locale=input.locale,
        )
        self._reverted: EmailReverted | None = None

    @workflow.run
    async def run(self, input: EmailRevertInput) -> FlowView:
        """Notify the old address, then wait for the code. Only that mail holds the flow id and the code."""
        await send_mail(self._mail())
        await wait_until_closed(self._flow)
        if self._reverted and self._reverted.notice:
            await start_notice(self._reverted.notice)
            await asyncio.gather(*map(supersede, self._reverted.closed))
        return await close_flow_before(self._flow)

    @update(name="revert")
    async def revert(self, command: RevertEmailChange) -> FlowAnswer:
        """Check one typed code. The right one reverts the change."""
        async with self._turn:
            with fail_flow_on_error(self._flow):
                refusal = await self._judge_code(command.proof, command.asked_at) or await self._revert(command)
            return build_answer(self._flow, command.body_hash, refusal)

    @workflow.signal(name=SUPERSEDED)
    async def superseded(self) -> None:
        """Cancel the flow: an earlier change was reverted, and this one with it."""
        async with self._turn:
            self._flow.cancel()

    async def _revert(self, command: RevertEmailChange) -> type[DecodeError] | None:
        self._flow.challenge.is_proved = True
        input = self._input
        revert = RevertEmail(
            self._workflow_id, input.user_id, input.email_address, workflow.now(), command.address_prefix
        )
        self._reverted = await run_inline_activity(EmailRevertActivities.revert, revert, STORE)
        outcome = self._reverted.outcome
        ends = {ChangeOutcome.DONE: FlowState.COMPLETED, ChangeOutcome.SUPERSEDED: FlowState.CANCELLED}
        self._flow.state = ends.get(outcome, FlowState.FAILED)
        return None if outcome is ChangeOutcome.DONE else FlowClosed

    def _mail(self) -> MailInput:
        input = self._input
        variables = {
            "event": EventKind.EMAIL_CHANGED,
            "username": input.username,
            "flow_id": input.flow_id,
            "at": written_minute(input.changed_at),
            "device": input.device,
            "origin": input.address_prefix,
        }
        return self._code_mail(MailKind.EMAIL_CHANGED, input.email_address, variables)


async def start_email_revert(revert_id: str, input: EmailRevertInput) -> None:
    """Start the revert as its own workflow, which outlives the change. Idempotent."""
    await start_in_background(
        EmailRevert.run,
        input,
        workflow_id=revert_id,
        queue=Queue.IDENTITY,
        summary="Lets a change of mail address be taken back",
        search_attributes=flow_attributes_of_child(FlowKind.EMAIL_REVERT),
        reuse=WorkflowIDReusePolicy.REJECT_DUPLICATE,
    )
