"""EmailRevert: for seven days, the code mailed to the old address can revert a change of address."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy

from activities.accounts.email_revert import EmailRevertActivities, EmailReverted, FinishEmailRevert, RevertEmail
from activities.delivery.mail import MailInput
from activities.users.security_notices import NoticeInput
from domain.accounts.identifier_changes import REVERT_WINDOW, ChangeOutcome
from domain.codes import CodeChallenge, CodePurpose
from domain.delivery.mail import MailKind
from domain.errors import DecodeError, FlowClosed
from domain.flow_progress import FlowProgress
from domain.flows import FlowKind, FlowState, FlowView, NextStep
from domain.moments import written_minute
from domain.users.security_events import EventKind
from workflows.accounts.identifier_changes_before import finish_before
from workflows.background import start_in_background
from workflows.codes import prove
from workflows.delivery.mailing_flow import MailingFlow
from workflows.flows import (
    SUPERSEDED,
    FlowAnswer,
    build_answer,
    fail_flow_on_error,
    supersede,
    wait_until_closed,
)
from workflows.handlers import update
from workflows.queues import Queue
from workflows.search_attributes import flow_attributes_of_child
from workflows.users.security_notices import deliver_notice, start_notice


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
class EmailRevert(MailingFlow):
    """The revert window of one change of mail address. Returns the closed flow."""

    can_be_signalled: ClassVar[bool] = True

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
        await self._send(self._mail())
        await wait_until_closed(self._flow)
        if self._reverted and self._reverted.notice:
            await self._notify(self._reverted.notice)
            await asyncio.gather(*map(supersede, self._reverted.closed))
        return await self._close()

    @update(name="revert")
    async def revert(self, command: RevertEmailChange) -> FlowAnswer:
        """Check one typed code. The right one reverts the change."""
        async with self._turn:
            with fail_flow_on_error(self._flow):
                refusal = await self._finish(command)
            return build_answer(self._flow, command.body_hash, refusal)

    @workflow.signal(name=SUPERSEDED)
    async def superseded(self) -> None:
        """Cancel the flow: an earlier change was reverted, and this one with it."""
        async with self._turn:
            self._flow.cancel()

    async def _finish(self, command: RevertEmailChange) -> type[DecodeError] | None:
        """Check the code and revert the change, in one step. The attempt is counted before it."""
        finish = FinishEmailRevert(self._check(command.proof), self._revert_of(command))
        if self._is_one_workflow:
            reverted = await prove(self._flow, EmailRevertActivities.finish, finish, command.asked_at)
        else:
            revert = EmailRevertActivities.revert
            reverted = await finish_before(self._flow, finish.check, revert, finish.revert, command.asked_at)
        return self._end_with(reverted) if isinstance(reverted, EmailReverted) else reverted

    def _end_with(self, reverted: EmailReverted) -> type[DecodeError] | None:
        """End the flow. Returns why the change was not reverted, None if it was."""
        self._reverted, outcome = reverted, reverted.outcome
        ends = {ChangeOutcome.DONE: FlowState.COMPLETED, ChangeOutcome.SUPERSEDED: FlowState.CANCELLED}
        self._flow.state = ends.get(outcome, FlowState.FAILED)
        return None if outcome is ChangeOutcome.DONE else FlowClosed

    def _revert_of(self, command: RevertEmailChange) -> RevertEmail:
        input, now = self._input, workflow.now()
        return RevertEmail(self._workflow_id, input.user_id, input.email_address, now, command.address_prefix)

    async def _notify(self, notice: NoticeInput) -> None:
        """Deliver the notice while the flow goes on. A flow of before starts the notice's workflow."""
        if self._is_one_workflow:
            self._mails.append(asyncio.create_task(deliver_notice(notice)))
        else:
            await start_notice(notice)

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
