"""EmailChange: verify the old address, take and verify a new one, swap them, and offer the old one a revert."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from temporalio import workflow

from activities.accounts.email_change import (
    ApplyEmailChange,
    BeginEmailChange,
    EmailChangeActivities,
    EmailChangeApplied,
    FindAddressHolder,
    FinishEmailChange,
    ReleaseEmailChange,
)
from activities.delivery.mail import MailInput
from domain.accounts.errors import EmailChangeBarred
from domain.accounts.identifier_changes import ChangeOutcome, apply_outcome
from domain.auth.errors import SessionRevoked
from domain.codes import MAX_FLOW_DURATION, CodeChallenge, CodePurpose
from domain.delivery.mail import MailKind
from domain.errors import DecodeError, FlowExpired
from domain.flow_progress import FlowProgress
from domain.flows import FlowKind, FlowState, FlowView, NextStep
from workflows.accounts.email_revert import EmailRevertInput, start_email_revert
from workflows.accounts.identifier_changes import begin_change
from workflows.accounts.identifier_changes_before import finish_before
from workflows.activity_options import STORE
from workflows.code_flow import ClientCodeFlow
from workflows.codes import prove
from workflows.delivery.mail import send_mail
from workflows.delivery.mailing_flow import MailingFlow
from workflows.flows import SUPERSEDED, FlowAnswer, build_answer, fail_flow_on_error, wait_until_closed
from workflows.handlers import update
from workflows.steps import run_inline_activity

REFUSALS: dict[ChangeOutcome, type[DecodeError]] = {
    ChangeOutcome.BARRED: EmailChangeBarred,
    ChangeOutcome.SIGNED_OUT: SessionRevoked,
}


@dataclass(frozen=True)
class EmailChangeInput:
    """All that the flow needs. `email_address` is the current one; the new one comes with `EnterNewEmail`.

    `epoch`: the caller's session epoch; None in a change older than the field.
    """

    flow_id: str
    user_id: str
    username: str
    email_address: str
    asked_at: datetime
    key_id: str
    code_life_seconds: int
    body_hash: str
    locale: str = "en"
    epoch: int | None = None


@dataclass(frozen=True)
class ProveOldEmail:
    """`proof` is the keyed hash of the typed code; `epoch`: the caller's session epoch now."""

    proof: str
    asked_at: datetime
    body_hash: str
    epoch: int | None = None


@dataclass(frozen=True)
class EnterNewEmail:
    """The step that submits the new address; `epoch`: the caller's session epoch now."""

    email_address: str
    asked_at: datetime
    body_hash: str
    epoch: int | None = None


@dataclass(frozen=True)
class ProveNewEmail:
    """`session_id`: the session that stays open; `device` and `address_prefix`: where the code was typed."""

    proof: str
    asked_at: datetime
    body_hash: str
    session_id: str
    device: str
    address_prefix: str


@workflow.defn(name="EmailChange")
class EmailChange(ClientCodeFlow, MailingFlow):
    """One change of mail address. Returns the closed flow."""

    can_be_signalled: ClassVar[bool] = True

    @workflow.init
    def __init__(self, input: EmailChangeInput) -> None:
        self._input = input
        life, ends_at = timedelta(seconds=input.code_life_seconds), input.asked_at + MAX_FLOW_DURATION
        flow = FlowProgress(
            input.flow_id,
            FlowKind.EMAIL_CHANGE,
            CodeChallenge(input.asked_at, life, ends_at=ends_at),
            NextStep.EMAIL_CODE,
            FlowState.RUNNING,
            resends=(NextStep.NEW_EMAIL_CODE,),
        )
        super().__init__(
            flow,
            CodePurpose.EMAIL_CHANGE_VERIFY,
            key_id=input.key_id,
            locale=input.locale,
            body_hash=input.body_hash,
        )
        self._user_id = input.user_id
        self._new_email = ""
        self._revert: tuple[str, EmailRevertInput] | None = None

    @workflow.run
    async def run(self, input: EmailChangeInput) -> FlowView:
        """Run one change: three legs, each with its own deadline, all within an hour."""
        self._refusal = await self._begin()
        if self._refusal is None:
            self._flow.state = FlowState.WAITING
            await self._send(self._mail(MailKind.EMAIL_CHANGE_VERIFY, input.email_address))
            await wait_until_closed(self._flow)
            await (start_email_revert(*self._revert) if self._revert else self._release())
        return await self._close()

    @update(name="verify")
    async def verify(self, command: ProveOldEmail) -> FlowAnswer:
        """Check the code sent to the current address. The right one lets the client submit a new address."""
        await self._ready()
        async with self._turn:
            refusal = (
                self._flow.refusal_for_step(NextStep.EMAIL_CODE)
                or self._judge_epoch(command.epoch)
                or await self._judge_code(command.proof, command.asked_at)
            )
            if refusal is None:
                self._flow.start_step(NextStep.NEW_EMAIL, command.asked_at)
            return build_answer(self._flow, command.body_hash, refusal)

    @update(name="name_address")
    async def enter_new_email(self, command: EnterNewEmail) -> FlowAnswer:
        """Mail a code to the new address. A repeat, for the same or another address, makes older codes void."""
        await self._ready()
        async with self._turn:
            refusal = self._flow.refusal or self._judge_epoch(command.epoch) or self._count_new_email(command.asked_at)
            if refusal is None:
                await self._mail_new_address(command)
            return build_answer(self._flow, command.body_hash, refusal)

    @update(name="verify_new")
    async def verify_new(self, command: ProveNewEmail) -> FlowAnswer:
        """Check the code sent to the new address. The right one swaps the addresses."""
        await self._ready()
        async with self._turn:
            with fail_flow_on_error(self._flow):
                refusal = self._flow.refusal_for_step(NextStep.NEW_EMAIL_CODE) or await self._finish(command)
            return build_answer(self._flow, command.body_hash, refusal)

    @workflow.signal(name=SUPERSEDED)
    async def superseded(self) -> None:
        """Cancel the flow: the same user has started another change of address, or reverted an earlier one."""
        await self._ready()
        async with self._turn:
            self._flow.cancel()

    async def _begin(self) -> type[DecodeError] | None:
        input = self._input
        begin = BeginEmailChange(self._workflow_id, input.flow_id, input.user_id, input.asked_at, input.epoch)
        until = input.asked_at + MAX_FLOW_DURATION
        return await begin_change(self._flow, EmailChangeActivities.begin, begin, give_up_at=until, refusals=REFUSALS)

    def _judge_epoch(self, epoch: int | None) -> type[DecodeError] | None:
        """Return FlowClosed if all sessions have been ended since the flow began. The last step asks the store."""
        return None if epoch is None or self._input.epoch in (None, epoch) else self._flow.void()

    def _count_new_email(self, asked_at: datetime) -> type[DecodeError] | None:
        """Count one code mail to the new address submitted at `asked_at`. Returns the refusal, or None.

        The first submission starts the leg that verifies the address; each further one is a resend within it.
        """
        is_first = self._flow.refusal_for_step(NextStep.NEW_EMAIL) is None
        if not is_first:
            return self._flow.refusal_for_step(NextStep.NEW_EMAIL_CODE) or self._flow.challenge.count_resend(asked_at)
        if asked_at > self._flow.challenge.expires_at:
            return FlowExpired
        self._purpose = CodePurpose.NEW_EMAIL_CHANGE_VERIFY
        self._flow.start_step(NextStep.NEW_EMAIL_CODE, asked_at)
        return None

    async def _mail_new_address(self, command: EnterNewEmail) -> None:
        """Start the mail without waiting: the response time must not reveal whether the address has an account.

        So the code's mail is a workflow of its own, as that to a holder is, which the flows of one day share.
        """
        self._new_email = command.email_address
        wanted = FindAddressHolder(self._input.user_id, command.email_address, command.asked_at)
        taken = await run_inline_activity(EmailChangeActivities.find_address_holder, wanted, STORE)
        self._is_decoy = taken is not None
        mail = taken or self._mail(MailKind.NEW_EMAIL_CHANGE_VERIFY, command.email_address)
        self._mails.append(asyncio.create_task(send_mail(mail)))

    async def _finish(self, command: ProveNewEmail) -> type[DecodeError] | None:
        """Check the code and swap the addresses, in one step. The attempt is counted before it."""
        finish = FinishEmailChange(self._check(command.proof), self._change(command))
        if self._is_one_workflow:
            swapped = await prove(self._flow, EmailChangeActivities.finish, finish, command.asked_at)
        else:
            swap = EmailChangeActivities.apply
            swapped = await finish_before(self._flow, finish.check, swap, finish.change, command.asked_at)
        return self._end_with(swapped, finish.change) if isinstance(swapped, EmailChangeApplied) else swapped

    def _end_with(self, swapped: EmailChangeApplied, change: ApplyEmailChange) -> type[DecodeError] | None:
        """End the flow with the new address, or return why there is none."""
        if swapped.outcome is ChangeOutcome.TAKEN:
            return self._become_decoy()
        if swapped.outcome is ChangeOutcome.DONE:
            self._flow.state = FlowState.COMPLETED
            self._revert = swapped.revert_id, self._revert_input(swapped.revert_flow_id, change)
        return apply_outcome(self._flow, swapped.outcome, REFUSALS)

    def _change(self, command: ProveNewEmail) -> ApplyEmailChange:
        return ApplyEmailChange(
            self._workflow_id,
            self._input.user_id,
            self._new_email,
            command.session_id,
            workflow.now(),
            command.device,
            command.address_prefix,
        )

    async def _release(self) -> None:
        await run_inline_activity(
            EmailChangeActivities.release, ReleaseEmailChange(self._workflow_id, self._input.user_id), STORE
        )

    def _revert_input(self, flow_id: str, change: ApplyEmailChange) -> EmailRevertInput:
        input = self._input
        return EmailRevertInput(
            flow_id=flow_id,
            user_id=input.user_id,
            username=input.username,
            email_address=input.email_address,
            changed_at=change.now,
            device=change.device,
            address_prefix=change.address_prefix,
            key_id=input.key_id,
            locale=input.locale,
        )

    def _mail(self, kind: MailKind, address: str) -> MailInput:
        """Return a code mail whose name contains the code's purpose: each address has a code number 1."""
        input, issue = self._input, self._issue()
        variables = {"username": input.username, "minutes": str(input.code_life_seconds // 60)}
        return self._code_mail(kind, address, variables, name=f"{issue.purpose}-{issue.issue_no}")
