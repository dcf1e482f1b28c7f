"""PasswordReset: a mailed code, then a new password. Nobody learns whether the account exists."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from temporalio import workflow

from activities.auth.password_reset import PasswordResetActivities, ResetPassword
from activities.auth.two_factor import TwoFactorActivities, UseSecondFactor
from activities.codes import CheckCode, CodeActivities, CodeIssue
from activities.delivery.mail import MailOrder
from activities.users.security_notices import NoticeOrder
from domain.auth.errors import SecondFactorRequired, WeakPassword
from domain.auth.two_factor import SecondProof, SecondVerdict
from domain.codes import CodeLeg, CodePurpose
from domain.delivery.mail import MailKind
from domain.email_address import local_part
from domain.errors import DecodeError, FlowClosed, WrongCode
from domain.flow_progress import Progress
from domain.flows import FlowKind, FlowState, FlowView, NextStep
from workflows.activity_options import STORE
from workflows.code_flow import ClientCodeFlow
from workflows.delivery.mail import post
from workflows.flows import FlowAnswer, FlowStep, answered, closed, failing_for_good, run_out
from workflows.handlers import update
from workflows.steps import quick_step
from workflows.users.security_notices import tell_owner


@dataclass(frozen=True)
class Subject:
    """The account behind what was typed. `email_address` is the stored one, never the typed one."""

    user_id: str
    username: str
    email_address: str


NOBODY = Subject(user_id="", username="", email_address="")


@dataclass(frozen=True)
class PasswordResetOrder:
    """Without a `subject` the flow is a decoy: it takes the same steps, its mails go nowhere, and no code is right."""

    flow_id: str
    subject: Subject | None
    address_prefix: str
    asked_at: datetime
    key_id: str
    code_life_seconds: int
    body_hash: str
    locale: str = "en"


@dataclass(frozen=True)
class TypedCode:
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
    second: SecondProof
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
    def __init__(self, order: PasswordResetOrder) -> None:
        self._order = order
        leg = CodeLeg(order.asked_at, timedelta(seconds=order.code_life_seconds))
        super().__init__(
            Progress(order.flow_id, FlowKind.PASSWORD_RESET, leg, NextStep.EMAIL_CODE),
            CodePurpose.FORGOT_PASSWORD_VERIFY,
            key_id=order.key_id,
            locale=order.locale,
            body_hash=order.body_hash,
        )
        self._is_decoy = order.subject is None
        self._issue_no = leg.issue_no
        self._uses = 0
        self._verdict = SecondVerdict.MISSING
        self._notice: NoticeOrder | None = None
        self._mails: list[asyncio.Task[None]] = []

    @workflow.run
    async def run(self, order: PasswordResetOrder) -> FlowView:
        """The story of one reset: prove the code, then choose a password, each in its time."""
        self._send_code()
        await run_out(self._flow)
        if self._notice:
            await tell_owner(self._notice)
        await asyncio.gather(*self._mails)
        return await closed(self._flow)

    @update(name="verify")
    async def verify(self, ask: TypedCode) -> FlowAnswer:
        """Judge one typed code. The right one stays good for the change."""
        async with self._turn:
            refusal = await self._judge_again(ask)
            if refusal is None and self._flow.next is NextStep.EMAIL_CODE:
                self._flow.go_on(NextStep.NEW_PASSWORD, ask.asked_at)
            return answered(self._flow, ask.body_hash, refusal)

    @update(name="context")
    async def context(self, ask: TypedCode) -> ContextAnswer:
        """For whoever comes with the right code: the words that the new password must not contain."""
        async with self._turn:
            refusal = self._flow.judge_turn(NextStep.NEW_PASSWORD) or await self._judge_again(ask)
            heard = answered(self._flow, ask.body_hash, refusal)
            return ContextAnswer(heard.view, ask.body_hash, heard.refusal, () if refusal else self._words())

    @update(name="change")
    async def change(self, ask: ChangePassword) -> FlowAnswer:
        """Judged in this order: turn, code, second factor, strength. Only what succeeds uses anything up."""
        async with self._turn:
            with failing_for_good(self._flow):
                refusal = await self._judge_change(ask) or await self._change(ask)
            return answered(self._flow, ask.body_hash, refusal)

    @update(name="resend")
    async def resend(self, ask: FlowStep) -> FlowAnswer:
        """Send a new code; older ones are void from now on."""
        async with self._turn:
            refusal = self._flow.judge_turn(NextStep.EMAIL_CODE) or self._flow.leg.take_resend(ask.asked_at)
            if refusal is None:
                self._issue_no = self._flow.leg.issue_no
                self._send_code()
            return answered(self._flow, ask.body_hash, refusal)

    async def _judge_again(self, ask: TypedCode) -> type[DecodeError] | None:
        """Only wrong tries stay counted: one code is typed several times in an honest reset."""
        refusal = await self._judge_code(ask.proof, ask.asked_at)
        if refusal is None:
            self._flow.leg.give_back_attempt()
        return refusal

    async def _judge_change(self, ask: ChangePassword) -> type[DecodeError] | None:
        refusal = self._flow.judge_turn(NextStep.NEW_PASSWORD) or self._flow.leg.take_attempt(ask.asked_at)
        if refusal:
            return refusal
        self._verdict = await self._judged(ask)
        if self._verdict is SecondVerdict.WRONG:
            return self._flow.count_wrong()
        self._flow.leg.give_back_attempt()
        if self._verdict is SecondVerdict.MISSING:
            return SecondFactorRequired
        return WeakPassword if ask.is_weak else None

    async def _judged(self, ask: ChangePassword) -> SecondVerdict:
        """A wrong code is as wrong as a wrong second factor. Nothing is used up."""
        subject = self._order.subject
        check = CheckCode(self._issue(), ask.proof, is_decoy=self._is_decoy)
        if not await quick_step(CodeActivities.check, check, STORE) or subject is None:
            return SecondVerdict.WRONG
        self._uses += 1
        return await quick_step(TwoFactorActivities.judge, self._use(subject, ask), STORE)

    async def _change(self, ask: ChangePassword) -> type[DecodeError] | None:
        subject = self._order.subject
        if subject is None:
            return WrongCode
        self._flow.leg.is_proved = True
        if self._verdict is SecondVerdict.RIGHT and not await self._take(subject, ask):
            # Somebody else has used it up since it was judged.
            self._flow.leg.is_proved = False
            return self._flow.leg.take_attempt(ask.asked_at) or self._flow.count_wrong()
        reset = ResetPassword(
            self._workflow_id,
            subject.user_id,
            ask.password_hashed,
            workflow.now(),
            self._order.address_prefix,
            subject.email_address,
        )
        self._notice = await quick_step(PasswordResetActivities.change, reset, STORE)
        self._flow.state = FlowState.COMPLETED if self._notice else FlowState.FAILED
        return None if self._notice else FlowClosed

    async def _take(self, subject: Subject, ask: ChangePassword) -> bool:
        return await quick_step(TwoFactorActivities.take, self._use(subject, ask), STORE)

    def _use(self, subject: Subject, ask: ChangePassword) -> UseSecondFactor:
        """Judged and taken under one name, so that a reset finds its own use right again."""
        return UseSecondFactor(
            user_id=subject.user_id,
            proof=ask.second,
            owner=self._workflow_id,
            number=self._uses,
            asked_at=ask.asked_at,
            address_prefix=self._order.address_prefix,
        )

    def _words(self) -> tuple[str, ...]:
        subject = self._order.subject
        return (subject.username, local_part(subject.email_address)) if subject else ()

    def _send_code(self) -> None:
        """Ordered, not waited for, by a decoy too: neither its answer nor all it does may be the faster one."""
        # A decoy that began without mails goes on without them. The patch may go on 2027-03-01. Every flow bears it,
        # so that it tells nobody apart.
        if workflow.patched("decoy-mails") or self._order.subject:
            self._mails.append(asyncio.create_task(post(self._mail())))

    def _mail(self) -> MailOrder:
        subject = self._order.subject or NOBODY
        variables = {"username": subject.username, "minutes": str(self._order.code_life_seconds // 60)}
        return self._code_mail(MailKind.FORGOT_PASSWORD_VERIFY, subject.email_address, variables)

    def _issue(self) -> CodeIssue:
        """The code that was proved in the first leg is proved again in the second, which has mailed none."""
        return replace(super()._issue(), issue_no=self._issue_no)
