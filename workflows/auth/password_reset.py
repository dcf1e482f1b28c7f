"""PasswordReset: a mailed code, then a new password. Nobody learns whether the account exists."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from temporalio import workflow

from activities.auth.password_reset import PasswordResetActivities, ResetPassword
from activities.auth.two_factor import TwoFactorActivities, UseSecondFactor
from activities.codes import CheckCode, CodeActivities, CodeIssue
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
from workflows.delivery.mail import send_mail
from workflows.flows import FlowAnswer, FlowCommand, build_answer, close_flow, fail_flow_on_error, wait_until_closed
from workflows.handlers import update
from workflows.steps import run_inline_activity
from workflows.users.security_notices import start_notice


@dataclass(frozen=True)
class ResetSubject:
    """The account behind what was typed. `email_address` is the stored one, never the typed one."""

    user_id: str
    username: str
    email_address: str


NO_ACCOUNT = ResetSubject(user_id="", username="", email_address="")


@dataclass(frozen=True)
class PasswordResetInput:
    """Without a `subject` the flow is a decoy: it takes the same steps, its mails go nowhere, and no code is right."""

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
    """`proof` stands for the typed code."""

    proof: str
    asked_at: datetime
    body_hash: str


@dataclass(frozen=True)
class ChangePassword:
    """`is_weak`: judged by the API, which has seen the password; there is no hash of a weak one."""

    proof: str
    password_hashed: str
    is_weak: bool
    second: SecondFactorProof
    asked_at: datetime
    body_hash: str


@dataclass(frozen=True)
class ContextAnswer:
    """`context`: words that the new password must not contain. For the API alone, never for the client."""

    view: FlowView
    body_hash: str
    refusal: str | None = None
    context: tuple[str, ...] = ()


@workflow.defn(name="PasswordReset")
class PasswordReset(ClientCodeFlow):
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
        """The story of one reset: prove the code, then choose a password, each in its time."""
        self._send_code()
        await wait_until_closed(self._flow)
        if self._notice:
            await start_notice(self._notice)
        await asyncio.gather(*self._mails)
        return await close_flow(self._flow)

    @update(name="verify")
    async def verify(self, command: VerifyResetCode) -> FlowAnswer:
        """Judge one typed code. The right one stays good for the change."""
        async with self._turn:
            refusal = await self._judge_again(command)
            if refusal is None and self._flow.next is NextStep.EMAIL_CODE:
                self._flow.start_step(NextStep.NEW_PASSWORD, command.asked_at)
            return build_answer(self._flow, command.body_hash, refusal)

    @update(name="context")
    async def context(self, command: VerifyResetCode) -> ContextAnswer:
        """For whoever comes with the right code: the words that the new password must not contain."""
        async with self._turn:
            refusal = self._flow.refusal_for_step(NextStep.NEW_PASSWORD) or await self._judge_again(command)
            heard = build_answer(self._flow, command.body_hash, refusal)
            return ContextAnswer(heard.view, command.body_hash, heard.refusal, () if refusal else self._context_words())

    @update(name="change")
    async def change(self, command: ChangePassword) -> FlowAnswer:
        """Judged in this order: turn, code, second factor, strength. Only what succeeds uses anything up."""
        async with self._turn:
            with fail_flow_on_error(self._flow):
                refusal = await self._judge_change(command) or await self._change(command)
            return build_answer(self._flow, command.body_hash, refusal)

    @update(name="resend")
    async def resend(self, command: FlowCommand) -> FlowAnswer:
        """Send a new code; older ones are void from now on."""
        async with self._turn:
            refusal = self._flow.refusal_for_step(NextStep.EMAIL_CODE) or self._flow.challenge.count_resend(
                command.asked_at
            )
            if refusal is None:
                self._issue_no = self._flow.challenge.issue_no
                self._send_code()
            return build_answer(self._flow, command.body_hash, refusal)

    async def _judge_again(self, command: VerifyResetCode) -> type[DecodeError] | None:
        """Only wrong tries stay counted: one code is typed several times in an honest reset."""
        refusal = await self._judge_code(command.proof, command.asked_at)
        if refusal is None:
            self._flow.challenge.refund_attempt()
        return refusal

    async def _judge_change(self, command: ChangePassword) -> type[DecodeError] | None:
        refusal = self._flow.refusal_for_step(NextStep.NEW_PASSWORD) or self._flow.challenge.count_attempt(
            command.asked_at
        )
        if refusal:
            return refusal
        self._verdict = await self._judge_second_factor(command)
        if self._verdict is SecondFactorVerdict.WRONG:
            return self._flow.lock_if_exhausted()
        self._flow.challenge.refund_attempt()
        if self._verdict is SecondFactorVerdict.MISSING:
            return SecondFactorRequired
        return WeakPassword if command.is_weak else None

    async def _judge_second_factor(self, command: ChangePassword) -> SecondFactorVerdict:
        """A wrong code is as wrong as a wrong second factor. Nothing is used up."""
        subject = self._input.subject
        check = CheckCode(self._issue(), command.proof, is_decoy=self._is_decoy)
        if not await run_inline_activity(CodeActivities.check, check, STORE) or subject is None:
            return SecondFactorVerdict.WRONG
        self._uses += 1
        return await run_inline_activity(TwoFactorActivities.judge, self._use(subject, command), STORE)

    async def _change(self, command: ChangePassword) -> type[DecodeError] | None:
        subject = self._input.subject
        if subject is None:
            return WrongCode
        self._flow.challenge.is_proved = True
        if self._verdict is SecondFactorVerdict.RIGHT and not await self._use_second_factor(subject, command):
            # Somebody else has used it up since it was judged.
            self._flow.challenge.is_proved = False
            return self._flow.challenge.count_attempt(command.asked_at) or self._flow.lock_if_exhausted()
        reset = ResetPassword(
            self._workflow_id,
            subject.user_id,
            command.password_hashed,
            workflow.now(),
            self._input.address_prefix,
            subject.email_address,
        )
        self._notice = await run_inline_activity(PasswordResetActivities.change, reset, STORE)
        self._flow.state = FlowState.COMPLETED if self._notice else FlowState.FAILED
        return None if self._notice else FlowClosed

    async def _use_second_factor(self, subject: ResetSubject, command: ChangePassword) -> bool:
        return await run_inline_activity(TwoFactorActivities.use, self._use(subject, command), STORE)

    def _use(self, subject: ResetSubject, command: ChangePassword) -> UseSecondFactor:
        """Judged and taken under one name, so that a reset finds its own use right again."""
        return UseSecondFactor(
            user_id=subject.user_id,
            proof=command.second,
            owner=self._workflow_id,
            number=self._uses,
            asked_at=command.asked_at,
            address_prefix=self._input.address_prefix,
        )

    def _context_words(self) -> tuple[str, ...]:
        subject = self._input.subject
        return (subject.username, local_part(subject.email_address)) if subject else ()

    def _send_code(self) -> None:
        """Ordered, not waited for, by a decoy too: neither its answer nor all it does may be the faster one."""
        # A decoy that began without mails goes on without them. The patch may go on 2027-03-01. Every flow bears it,
        # so that it tells nobody apart.
        if workflow.patched("decoy-mails") or self._input.subject:
            self._mails.append(asyncio.create_task(send_mail(self._mail())))

    def _mail(self) -> MailInput:
        subject = self._input.subject or NO_ACCOUNT
        variables = {"username": subject.username, "minutes": str(self._input.code_life_seconds // 60)}
        return self._code_mail(MailKind.FORGOT_PASSWORD_VERIFY, subject.email_address, variables)

    def _issue(self) -> CodeIssue:
        """The code that was proved in the first leg is proved again in the second, which has mailed none."""
        return replace(super()._issue(), issue_no=self._issue_no)
