"""PasswordReset: a mailed code, then a new password. The flow never reveals whether the account exists."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from temporalio import workflow

from activities.auth.password_reset import PasswordResetActivities, ProveAndReset, ResetPassword, ResetResult
from activities.auth.two_factor import UseSecondFactor
from activities.codes import AccountEpoch, CheckCode, CodeIssue
from activities.delivery.mail import MailInput
from activities.users.security_notices import NoticeInput
from domain.auth.errors import SecondFactorRequired, WeakPassword
from domain.auth.password import ResetOutcome
from domain.auth.two_factor import SecondFactorProof
from domain.codes import CodeChallenge, CodePurpose
from domain.delivery.mail import MailKind
from domain.email_address import local_part
from domain.errors import DecodeError
from domain.flow_progress import FlowProgress
from domain.flows import FlowKind, FlowState, FlowView, NextStep
from workflows.auth.password_reset_before import DECOY_MAILS, ChangeBefore
from workflows.code_flow import ClientCodeFlow
from workflows.codes import judge_code, prove
from workflows.delivery.mail import send_mail
from workflows.delivery.mailing_flow import MailingFlow
from workflows.flows import FlowAnswer, FlowCommand, build_answer, fail_flow_on_error, wait_until_closed
from workflows.handlers import update
from workflows.users.security_notices import deliver_notice, start_notice

REFUSALS: dict[ResetOutcome, type[DecodeError]] = {
    ResetOutcome.SECOND_FACTOR_MISSING: SecondFactorRequired,
    ResetOutcome.PASSWORD_WEAK: WeakPassword,
}


@dataclass(frozen=True)
class ResetSubject:
    """The account found for the typed identifier. `email_address` is the stored one, never the typed one.

    `epoch`: the account's then; once it has advanced (another password, all sessions ended), no code changes anything.
    """

    user_id: str
    username: str
    email_address: str
    epoch: int | None = None


NO_ACCOUNT = ResetSubject(user_id="0" * 24, username="", email_address="")
"""The account of a decoy, which is looked for like any other."""


@dataclass(frozen=True)
class PasswordResetInput:
    """Without a `subject` the flow is a decoy: it takes the same steps, delivers no mail and accepts no code."""

    flow_id: str
    subject: ResetSubject | None
    address_prefix: str
    asked_at: datetime
    key_id: str
    code_life_seconds: int
    body_hash: str
    locale: str = "en"


@dataclass(frozen=True)
class VerifyResetCode:
    """`proof` is the keyed hash of the typed code."""

    proof: str
    asked_at: datetime
    body_hash: str


@dataclass(frozen=True)
class ChangePassword:
    """`is_weak`: decided by the API, which has the password; a weak one has no hash."""

    proof: str
    password_hashed: str
    is_weak: bool
    second: SecondFactorProof
    asked_at: datetime
    body_hash: str


@dataclass(frozen=True)
class ContextAnswer:
    """`context`: strings that the new password must not contain. For the API only, never for the client."""

    view: FlowView
    body_hash: str
    refusal: str | None = None
    context: tuple[str, ...] = ()


@workflow.defn(name="PasswordReset")
class PasswordReset(ClientCodeFlow, MailingFlow):
    """One password reset, or the decoy of one. Returns the closed flow."""

    @workflow.init
    def __init__(self, input: PasswordResetInput) -> None:
        self._input = input
        challenge = CodeChallenge(input.asked_at, timedelta(seconds=input.code_life_seconds))
        super().__init__(
            FlowProgress(input.flow_id, FlowKind.PASSWORD_RESET, challenge, NextStep.EMAIL_CODE),
            CodePurpose.FORGOT_PASSWORD_VERIFY,
            key_id=input.key_id,
            locale=input.locale,
            body_hash=input.body_hash,
        )
        self._subject = input.subject or NO_ACCOUNT
        self._is_decoy = input.subject is None
        self._issue_no = challenge.issue_no
        self._uses = 0
        self._before = ChangeBefore(self._flow)
        self._notice: NoticeInput | None = None

    @workflow.run
    async def run(self, input: PasswordResetInput) -> FlowView:
        """Run one reset: the code, then the new password, each with its own deadline."""
        await self._send_code()
        await wait_until_closed(self._flow)
        if self._notice:
            await self._notify(self._notice)
        return await self._close()

    @update(name="verify")
    async def verify(self, command: VerifyResetCode) -> FlowAnswer:
        """Check one typed code. The right one stays valid for `change`."""
        async with self._turn:
            refusal = await self._judge_again(self._check_in_epoch(command.proof), command.asked_at)
            if refusal is None and self._flow.next is NextStep.EMAIL_CODE:
                self._flow.start_step(NextStep.NEW_PASSWORD, command.asked_at)
            return build_answer(self._flow, command.body_hash, refusal)

    @update(name="context")
    async def context(self, command: VerifyResetCode) -> ContextAnswer:
        """Return the strings that the new password must not contain, if the code is right."""
        async with self._turn:
            refusal = self._flow.refusal_for_step(NextStep.NEW_PASSWORD) or await self._judge_again(
                self._check(command.proof), command.asked_at
            )
            answer = build_answer(self._flow, command.body_hash, refusal)
            context = () if refusal else self._context_strings()
            return ContextAnswer(answer.view, command.body_hash, answer.refusal, context)

    @update(name="change")
    async def change(self, command: ChangePassword) -> FlowAnswer:
        """Set the new password. Checks the step, the code, the second factor and the strength, in this order.

        Code and second factor are used up only if the change succeeds.
        """
        async with self._turn:
            with fail_flow_on_error(self._flow):
                refusal = await self._prove_and_change(command)
            return build_answer(self._flow, command.body_hash, refusal)

    @update(name="resend")
    async def resend(self, command: FlowCommand) -> FlowAnswer:
        """Send a new code, which makes older ones void."""
        async with self._turn:
            refusal = self._flow.refusal_for_step(NextStep.EMAIL_CODE) or self._flow.challenge.count_resend(
                command.asked_at
            )
            if refusal is None:
                self._issue_no = self._flow.challenge.issue_no
                await self._send_code()
            return build_answer(self._flow, command.body_hash, refusal)

    def _check_in_epoch(self, proof: str) -> CheckCode:
        """Return the check of a code that counts no more once the account's epoch has advanced."""
        account = AccountEpoch(self._subject.user_id, self._subject.epoch, self._workflow_id)
        return replace(self._check(proof), account=account)

    async def _judge_again(self, check: CheckCode, asked_at: datetime) -> type[DecodeError] | None:
        """Check a code and count only wrong attempts: an ordinary reset submits the same code several times."""
        refusal = await judge_code(self._flow, check, asked_at)
        if refusal is None:
            self._flow.challenge.refund_attempt()
        return refusal

    async def _prove_and_change(self, command: ChangePassword) -> type[DecodeError] | None:
        """Judge the proofs and set the password, in one step. The attempt is counted before it."""
        refusal = self._flow.refusal_for_step(NextStep.NEW_PASSWORD)
        if refusal:
            return refusal
        self._uses += 1
        order = ProveAndReset(
            self._check_in_epoch(command.proof), self._use(command), self._reset(command), command.is_weak
        )
        if self._is_one_workflow:
            result = await prove(self._flow, PasswordResetActivities.prove_and_change, order, command.asked_at)
        else:
            result = await self._before.prove_and_change(order, command.asked_at)
        return self._end_with(result) if isinstance(result, ResetResult) else result

    def _end_with(self, result: ResetResult) -> type[DecodeError] | None:
        """End the flow, or let it wait for what is missing. Returns the refusal, or None. No proof was wrong."""
        self._flow.challenge.refund_attempt()
        if result.outcome is ResetOutcome.GONE:
            return self._flow.void()
        if result.outcome is ResetOutcome.DONE:
            self._flow.state = FlowState.COMPLETED
            self._notice = result.notice
        return REFUSALS.get(result.outcome)

    async def _notify(self, notice: NoticeInput) -> None:
        """Deliver the notice of the new password. A flow of before starts its workflow."""
        if self._is_one_workflow:
            await deliver_notice(notice)
        else:
            await start_notice(notice)

    def _reset(self, command: ChangePassword) -> ResetPassword:
        return ResetPassword(
            self._workflow_id,
            self._subject.user_id,
            command.password_hashed,
            workflow.now(),
            self._input.address_prefix,
            self._subject.email_address,
            self._subject.epoch,
        )

    def _use(self, command: ChangePassword) -> UseSecondFactor:
        """Return the use, named by its step, so that a repeat finds its own use valid."""
        return UseSecondFactor(
            user_id=self._subject.user_id,
            proof=command.second,
            owner=self._workflow_id,
            number=self._uses,
            asked_at=command.asked_at,
            address_prefix=self._input.address_prefix,
        )

    def _context_strings(self) -> tuple[str, ...]:
        return self._subject.username, local_part(self._subject.email_address)

    async def _send_code(self) -> None:
        """Send the mail without waiting, for a decoy too: neither its answer nor its total work may be faster."""
        if self._is_one_workflow:
            await self._send(self._mail())
        elif workflow.patched(DECOY_MAILS) or not self._is_decoy:
            self._mails.append(asyncio.create_task(send_mail(self._mail())))

    def _mail(self) -> MailInput:
        variables = {"username": self._subject.username, "minutes": str(self._input.code_life_seconds // 60)}
        return self._code_mail(MailKind.FORGOT_PASSWORD_VERIFY, self._subject.email_address, variables)

    def _issue(self) -> CodeIssue:
        """Return the code of the first leg in the second leg too, which mails none of its own."""
        return replace(super()._issue(), issue_no=self._issue_no)
