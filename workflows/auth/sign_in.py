"""SignIn: a right password or wallet is not enough; prove the device by a mailed code, or a second factor, or both."""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio import workflow

from activities.auth.sign_in import AbandonedSignIn, OpenSession, SignInActivities
from activities.auth.two_factor import TwoFactorActivities, UseSecondFactor
from domain.auth.devices import DeviceFields, device_label
from domain.auth.sessions import AuthStrength
from domain.auth.two_factor import SecondProof
from domain.codes import CodeLeg, CodePurpose
from domain.delivery.mail import MailKind
from domain.errors import DecodeError, FlowClosed
from domain.flow_progress import Progress
from domain.flows import FlowKind, FlowState, FlowView, NextStep
from domain.moments import written_minute
from domain.users.users import Role
from workflows.activity_options import STORE
from workflows.code_flow import ClientCodeFlow
from workflows.delivery.mail import post
from workflows.flows import FlowAnswer, FlowStep, answered, closed, failing_for_good, run_out
from workflows.handlers import update
from workflows.steps import quick_step


@dataclass(frozen=True)
class SignInOrder:
    """All that the flow needs. The first proof, a password or a wallet, was judged before; the flow has never seen it.

    At least one of the two needs is there. `epoch` is the account's at the login: once it has moved on,
    no session comes of this flow. `user_key` stands for the user in workflow ids.
    """

    flow_id: str
    user_id: str
    user_key: str
    username: str
    role: Role
    email_address: str
    device: DeviceFields
    address_prefix: str
    epoch: int
    needs_device_code: bool
    needs_second_factor: bool
    asked_at: datetime
    key_id: str
    code_life_seconds: int
    body_hash: str
    locale: str = "en"
    first_proof: AuthStrength = AuthStrength.PASSWORD


@dataclass(frozen=True)
class ProveDevice:
    """`proof` stands for the typed code."""

    proof: str
    asked_at: datetime
    body_hash: str


@dataclass(frozen=True)
class ProveSecondFactor:
    """A one-time password or a recovery code; either is dead once it was right."""

    second: SecondProof
    asked_at: datetime
    body_hash: str
    trusts_device: bool = False


@dataclass(frozen=True)
class SignInAnswer:
    """`session_id` once the flow has come to its end; no tokens."""

    view: FlowView
    body_hash: str
    refusal: str | None = None
    session_id: str | None = None


@workflow.defn(name="SignIn")
class SignIn(ClientCodeFlow):
    @workflow.init
    def __init__(self, order: SignInOrder) -> None:
        self._order = order
        leg = CodeLeg(order.asked_at, timedelta(seconds=order.code_life_seconds))
        first = NextStep.DEVICE_CODE if order.needs_device_code else NextStep.OTP
        super().__init__(
            Progress(order.flow_id, FlowKind.SIGN_IN, leg, first),
            CodePurpose.FINGERPRINT_VERIFY,
            key_id=order.key_id,
            locale=order.locale,
            body_hash=order.body_hash,
        )
        self._uses = 0
        self._trusts_device = order.needs_device_code
        self._session_id: str | None = None

    @workflow.run
    async def run(self, order: SignInOrder) -> FlowView:
        """The story of one sign-in: one leg or two, each with a deadline of its own."""
        if order.needs_device_code:
            await self._send_code()
        await run_out(self._flow)
        if order.needs_device_code and self._flow.state in (FlowState.EXPIRED, FlowState.LOCKED):
            await self._note_abandoned()
        return await closed(self._flow)

    @update(name="prove_device")
    async def prove_device(self, ask: ProveDevice) -> SignInAnswer:
        """Judge one typed code. The right one leads to the second factor, or to the session."""
        async with self._turn:
            return self._answer(ask.body_hash, await self._to_the_end(self._judge_device(ask)))

    @update(name="prove_second_factor")
    async def prove_second_factor(self, ask: ProveSecondFactor) -> SignInAnswer:
        """Judge one second factor. The right one ends in the session."""
        async with self._turn:
            return self._answer(ask.body_hash, await self._to_the_end(self._judge_second_factor(ask)))

    @update(name="resend")
    async def resend(self, ask: FlowStep) -> FlowAnswer:
        """Send a new code; older ones are void from now on."""
        async with self._turn:
            refusal = self._flow.judge_turn(NextStep.DEVICE_CODE) or self._flow.leg.take_resend(ask.asked_at)
            if refusal is None:
                await self._send_code()
            return answered(self._flow, ask.body_hash, refusal)

    async def _to_the_end(self, judged: Awaitable[type[DecodeError] | None]) -> type[DecodeError] | None:
        """Open the session once nothing is left to prove."""
        with failing_for_good(self._flow):
            refusal = await judged
            if refusal is None and self._flow.leg.is_proved:
                refusal = await self._open_session()
        return refusal

    async def _judge_device(self, ask: ProveDevice) -> type[DecodeError] | None:
        refusal = self._flow.judge_turn(NextStep.DEVICE_CODE) or await self._judge_code(ask.proof, ask.asked_at)
        if refusal:
            return refusal
        if self._order.needs_second_factor:
            self._flow.go_on(NextStep.OTP, ask.asked_at)
        else:
            self._flow.leg.is_proved = True
        return None

    async def _judge_second_factor(self, ask: ProveSecondFactor) -> type[DecodeError] | None:
        refusal = self._flow.judge_turn(NextStep.OTP) or self._flow.leg.take_attempt(ask.asked_at)
        if refusal:
            return refusal
        self._uses += 1
        if not await quick_step(TwoFactorActivities.take, self._use(ask), STORE):
            return self._flow.count_wrong()
        self._flow.leg.is_proved = True
        self._trusts_device = self._trusts_device or ask.trusts_device
        return None

    async def _open_session(self) -> type[DecodeError] | None:
        order = self._order
        self._session_id = await quick_step(
            SignInActivities.open_session,
            OpenSession(
                owner=self._workflow_id,
                user_id=order.user_id,
                username=order.username,
                role=order.role,
                device=order.device,
                epoch=order.epoch,
                has_second_factor=order.needs_second_factor,
                trusts_device=self._trusts_device,
                now=workflow.now(),
                address_prefix=order.address_prefix,
                first_proof=order.first_proof,
            ),
            STORE,
        )
        self._flow.state = FlowState.COMPLETED if self._session_id else FlowState.FAILED
        return None if self._session_id else FlowClosed

    async def _send_code(self) -> None:
        order = self._order
        variables = {
            "username": order.username,
            "minutes": str(order.code_life_seconds // 60),
            "device": device_label(order.device.browser, order.device.device),
            "origin": order.address_prefix,
            "at": written_minute(order.asked_at),
        }
        await post(self._code_mail(MailKind.FINGERPRINT_VERIFY, order.email_address, variables))

    async def _note_abandoned(self) -> None:
        order = self._order
        abandoned = AbandonedSignIn(
            owner=self._workflow_id,
            user_id=order.user_id,
            user_key=order.user_key,
            username=order.username,
            email_address=order.email_address,
            device_label=device_label(order.device.browser, order.device.device),
            address_prefix=order.address_prefix,
            at=order.asked_at,
        )
        warning = await quick_step(SignInActivities.note_abandoned, abandoned, STORE)
        if warning:
            await post(warning)

    def _use(self, ask: ProveSecondFactor) -> UseSecondFactor:
        order = self._order
        label = device_label(order.device.browser, order.device.device)
        return UseSecondFactor(
            order.user_id, ask.second, self._workflow_id, self._uses, ask.asked_at, label, order.address_prefix
        )

    def _answer(self, body_hash: str, refusal: type[DecodeError] | None) -> SignInAnswer:
        heard = answered(self._flow, body_hash, refusal)
        return SignInAnswer(heard.view, body_hash, heard.refusal, None if refusal else self._session_id)
