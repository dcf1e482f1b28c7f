"""PasswordReset: a mailed code, then a new password. The flow never reveals whether the account exists."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from temporalio import workflow

from activities.auth.password_reset import PasswordResetActivities, ResetPassword
from activities.auth.two_factor import TwoFactorActivities, UseSecondFactor
from activities.codes import AccountEpoch, CheckCode, CodeActivities, CodeIssue
from activities.delivery.mail import MailInput
from activities.users.security_notices import NoticeInput
from domain.auth.errors import SecondFactorRequired, WeakPassword
from domain.auth.two_factor import SecondFactorProof, SecondFactorVerdict
from domain.codes import CodeChallenge, CodePurpose
from domain.delivery.mail import MailKind
from domain.email_address import local_part
from domain.errors import DecodeError, FlowClosed, WrongCode
from domain.flow_progress import FlowProgress
from domain.flows import FlowKind, FlowState, FlowView, NextStep
from workflows.activity_options import STORE
from workflows.code_flow import ClientCodeFlow
from workflows.codes import judge_code
from workflows.delivery.mail import send_mail
from workflows.flows import (
    FlowAnswer,
    FlowCommand,
    build_answer,
    close_flow_before,
    fail_flow_on_error,
    wait_until_closed,
)
from workflows.handlers import update
from workflows.steps import run_inline_activity
from workflows.users.security_notices import start_notice

NO_USER_ID = "0" * 24
"""The account of a decoy, which is looked for like any other."""


@dataclass(frozen=True)
class ResetSubject:
    """The account found for the typed identifier. `email_address` is the stored one, never the typed one.

    `epoch`: the account's then; once it has advanced (another password, all sessions ended), no code changes anything.
    """

    user_id: str
    username: str
    email_address: str
    epoch: int | None = None


NO_ACCOUNT = ResetSubject(user_id="", username="", email_address="")


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
class PasswordReset(ClientCodeFlow):
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
        self._is_decoy = input.subject is None
        self._issue_no = challenge.issue_no
        self._uses = 0
        self._verdict = SecondFactorVerdict.MISSING
        self._notice: NoticeInput | None = None
        self._mails: list[asyncio.Task[None]] = []

    @workflow.run
    async def run(self, input: PasswordResetInput) -> FlowView:
        """Run one reset: the code, then the new password, each with its own deadline."""
        self._send_code()
        await wait_until_closed(self._flow)
        if self._notice:
            await start_notice(self._notice)
        await asyncio.gather(*self._mails)
        return await close_flow_before(self._flow)

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
                refusal = await self._judge_change(command) or await self._change(command)
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
                self._send_code()
            return build_answer(self._flow, command.body_hash, refusal)

    def _check_in_epoch(self, proof: str) -> CheckCode:
        """Return the check of a code that counts no more once the account's epoch has advanced."""
        subject = self._input.subject
        user_id, epoch = (subject.user_id, subject.epoch) if subject else (NO_USER_ID, None)
        return replace(self._check(proof), account=AccountEpoch(user_id, epoch, self._workflow_id))

    async def _judge_again(self, check: CheckCode, asked_at: datetime) -> type[DecodeError] | None:
        """Check a code and count only wrong attempts: an ordinary reset submits the same code several times."""
        refusal = await judge_code(self._flow, check, asked_at)
        if refusal is None:
            self._flow.challenge.refund_attempt()
        return refusal

    async def _judge_change(self, command: ChangePassword) -> type[DecodeError] | None:
        refusal = self._flow.refusal_for_step(NextStep.NEW_PASSWORD) or self._flow.challenge.count_attempt(
            command.asked_at
        )
        if refusal:
            return refusal
        is_right = await run_inline_activity(CodeActivities.check, self._check_in_epoch(command.proof), STORE)
        if is_right is None:
            return self._flow.void()
        self._verdict = await self._judge_second_factor(command) if is_right else SecondFactorVerdict.WRONG
        if self._verdict is SecondFactorVerdict.WRONG:
            return self._flow.lock_if_exhausted()
        self._flow.challenge.refund_attempt()
        if self._verdict is SecondFactorVerdict.MISSING:
            return SecondFactorRequired
        return WeakPassword if command.is_weak else None

    async def _judge_second_factor(self, command: ChangePassword) -> SecondFactorVerdict:
        """Check the second factor without using it up."""
        subject = self._input.subject
        if subject is None:
            return SecondFactorVerdict.WRONG
        self._uses += 1
        return await run_inline_activity(TwoFactorActivities.judge, self._use(subject, command), STORE)

    async def _change(self, command: ChangePassword) -> type[DecodeError] | None:
        subject = self._input.subject
        if subject is None:
            return WrongCode
        self._flow.challenge.is_proved = True
        if self._verdict is SecondFactorVerdict.RIGHT and not await self._use_second_factor(subject, command):
            # Another request has used it up since it was checked.
            self._flow.challenge.is_proved = False
            return self._flow.challenge.count_attempt(command.asked_at) or self._flow.lock_if_exhausted()
        reset = ResetPassword(
            self._workflow_id,
            subject.user_id,
            command.password_hashed,
            workflow.now(),
            self._input.address_prefix,
            subject.email_address,
            subject.epoch,
            has_second_factor=self._verdict is SecondFactorVerdict.RIGHT,
        )
        self._notice = await run_inline_activity(PasswordResetActivities.change, reset, STORE)
        if self._notice is None and await self._has_new_second_factor(subject, command):
            self._flow.challenge.is_proved = False
            return SecondFactorRequired
        self._flow.state = FlowState.COMPLETED if self._notice else FlowState.FAILED
        return None if self._notice else FlowClosed

    async def _has_new_second_factor(self, subject: ResetSubject, command: ChangePassword) -> bool:
        """Whether a second factor was enabled after it was judged as not needed."""
        # A reset that failed before this was asked stays so. The patch can be removed on 2027-03-01.
        if self._verdict is not SecondFactorVerdict.NOT_NEEDED or not workflow.patched("reset-new-second-factor"):
            return False
        verdict = await run_inline_activity(TwoFactorActivities.judge, self._use(subject, command), STORE)
        return verdict is not SecondFactorVerdict.NOT_NEEDED

    async def _use_second_factor(self, subject: ResetSubject, command: ChangePassword) -> bool:
        return await run_inline_activity(TwoFactorActivities.use, self._use(subject, command), STORE)

    def _use(self, subject: ResetSubject, command: ChangePassword) -> UseSecondFactor:
        """Return the use, named the same for `judge` and `use`, so that a replay finds its own use valid."""
        return UseSecondFactor(
            user_id=subject.user_id,
            proof=command.second,
            owner=self._workflow_id,
            number=self._uses,
            asked_at=command.asked_at,
            address_prefix=self._input.address_prefix,
        )

    def _context_strings(self) -> tuple[str, ...]:
        subject = self._input.subject
        return (subject.username, local_part(subject.email_address)) if subject else ()

    def _send_code(self) -> None:
        """Start the mail without waiting, for a decoy too: neither its answer nor its total work may be faster."""
        # A decoy that started without mails continues without them. The patch can be removed on 2027-03-01. Every flow
        # carries it, so that it does not distinguish decoys.
        if workflow.patched("decoy-mails") or self._input.subject:
            self._mails.append(asyncio.create_task(send_mail(self._mail())))

    def _mail(self) -> MailInput:
        subject = self._input.subject or NO_ACCOUNT
        variables = {"username": subject.username, "minutes": str(self._input.code_life_seconds // 60)}
        return self._code_mail(MailKind.FORGOT_PASSWORD_VERIFY, subject.email_address, variables)

    def _issue(self) -> CodeIssue:
        """Return the code of the first leg in the second leg too, which mails none of its own."""
        return replace(super()._issue(), issue_no=self._issue_no)
