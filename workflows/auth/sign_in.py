"""SignIn: after the password or wallet, verify the device by a mailed code, the second factor, or both."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio import workflow

from activities.auth.sign_in import (
    AbandonedSignIn,
    OpenSession,
    ProveDeviceAndOpen,
    ProveSecondFactorAndOpen,
    SessionOpened,
    SignInActivities,
)
from activities.auth.two_factor import UseSecondFactor
from activities.delivery.mail import MailInput
from domain.auth.devices import DeviceInput, device_label
from domain.auth.errors import InvalidCredentials
from domain.auth.sessions import AuthStrength, OpeningOutcome
from domain.auth.two_factor import SecondFactorProof
from domain.codes import CodeChallenge, CodePurpose
from domain.delivery.mail import MailKind
from domain.errors import DecodeError, FlowClosed
from domain.flow_progress import FlowProgress
from domain.flows import FlowKind, FlowState, FlowView, NextStep
from domain.moments import written_minute
from domain.users.users import Role
from workflows.activity_options import STORE
from workflows.auth.sign_in_before import prove_device_before, prove_second_factor_before
from workflows.code_flow import ClientCodeFlow
from workflows.codes import prove
from workflows.delivery.mail import send_mail
from workflows.delivery.mailing_flow import MailingFlow
from workflows.flows import (
    FlowAnswer,
    FlowCommand,
    build_answer,
    fail_flow_on_error,
    wait_until_closed,
)
from workflows.handlers import update
from workflows.steps import run_inline_activity

REFUSALS: dict[OpeningOutcome, type[DecodeError]] = {
    OpeningOutcome.GONE: FlowClosed,
    OpeningOutcome.WALLET_UNLINKED: InvalidCredentials,
}


@dataclass(frozen=True)
class SignInInput:
    """All that the flow needs. The API has checked the first proof, a password or a wallet; the flow never sees it.

    `needs_device_code` or `needs_second_factor` is set, or both. All about the account is as it was at the login; what
    counts is what it is when the session is opened. Once `epoch` has advanced, this flow opens none. `user_key`: the
    user in workflow ids. `wallet_address`: the wallet that was the first proof, None in a flow older than the field.
    """

    flow_id: str
    user_id: str
    user_key: str
    username: str
    role: Role
    email_address: str
    device: DeviceInput
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
    wallet_address: str | None = None


@dataclass(frozen=True)
class ProveDevice:
    """`proof` is the keyed hash of the typed code."""

    proof: str
    asked_at: datetime
    body_hash: str


@dataclass(frozen=True)
class ProveSecondFactor:
    """`second`: a one-time password or a recovery code, each accepted once."""

    second: SecondFactorProof
    asked_at: datetime
    body_hash: str
    trusts_device: bool = False


@dataclass(frozen=True)
class SignInAnswer:
    """`session_id` once the flow has completed. No tokens."""

    view: FlowView
    body_hash: str
    refusal: str | None = None
    session_id: str | None = None


@workflow.defn(name="SignIn")
class SignIn(ClientCodeFlow, MailingFlow):
    """One sign-in that needs more than the first proof. Returns the closed flow."""

    @workflow.init
    def __init__(self, input: SignInInput) -> None:
        self._input = input
        challenge = CodeChallenge(input.asked_at, timedelta(seconds=input.code_life_seconds))
        first = NextStep.DEVICE_CODE if input.needs_device_code else NextStep.OTP
        super().__init__(
            FlowProgress(input.flow_id, FlowKind.SIGN_IN, challenge, first),
            CodePurpose.FINGERPRINT_VERIFY,
            key_id=input.key_id,
            locale=input.locale,
            body_hash=input.body_hash,
        )
        self._uses = 0
        self._session_id: str | None = None

    @workflow.run
    async def run(self, input: SignInInput) -> FlowView:
        """Run one sign-in: one leg or two, each with its own deadline."""
        if input.needs_device_code:
            await self._send(self._code_mail_of_device())
        await wait_until_closed(self._flow)
        if input.needs_device_code and self._flow.state in (FlowState.EXPIRED, FlowState.LOCKED):
            await self._record_abandoned()
        return await self._close()

    @update(name="prove_device")
    async def prove_device(self, command: ProveDevice) -> SignInAnswer:
        """Check one typed code. The right one leads to the second factor, or opens the session."""
        async with self._turn:
            with fail_flow_on_error(self._flow):
                refusal = await self._prove_device(command)
            return self._answer(command.body_hash, refusal)

    @update(name="prove_second_factor")
    async def prove_second_factor(self, command: ProveSecondFactor) -> SignInAnswer:
        """Check one second factor. The right one opens the session, and any once the account has none any more."""
        async with self._turn:
            with fail_flow_on_error(self._flow):
                refusal = await self._prove_second_factor(command)
            return self._answer(command.body_hash, refusal)

    @update(name="resend")
    async def resend(self, command: FlowCommand) -> FlowAnswer:
        """Send a new code, which makes older ones void."""
        async with self._turn:
            refusal = self._flow.refusal_for_step(NextStep.DEVICE_CODE) or self._flow.challenge.count_resend(
                command.asked_at
            )
            if refusal is None:
                await self._send(self._code_mail_of_device())
            return build_answer(self._flow, command.body_hash, refusal)

    async def _prove_device(self, command: ProveDevice) -> type[DecodeError] | None:
        refusal = self._flow.refusal_for_step(NextStep.DEVICE_CODE)
        if refusal:
            return refusal
        proof = ProveDeviceAndOpen(self._check(command.proof), self._opening())
        if self._is_one_workflow:
            opened = await prove(self._flow, SignInActivities.prove_device, proof, command.asked_at)
        else:
            needs = self._input.needs_second_factor
            opened = await prove_device_before(self._flow, proof, command.asked_at, needs_second_factor=needs)
        return self._end_with(opened, command.asked_at) if isinstance(opened, SessionOpened) else opened

    async def _prove_second_factor(self, command: ProveSecondFactor) -> type[DecodeError] | None:
        refusal = self._flow.refusal_for_step(NextStep.OTP)
        if refusal:
            return refusal
        self._uses += 1
        proof = ProveSecondFactorAndOpen(self._use(command), self._opening(), command.trusts_device)
        if self._is_one_workflow:
            opened = await prove(self._flow, SignInActivities.prove_second_factor, proof, command.asked_at)
        else:
            needs = self._input.needs_second_factor
            opened = await prove_second_factor_before(self._flow, proof, command.asked_at, needs_second_factor=needs)
        return self._end_with(opened, command.asked_at) if isinstance(opened, SessionOpened) else opened

    def _end_with(self, opened: SessionOpened, asked_at: datetime) -> type[DecodeError] | None:
        """End with the session, or ask for the second factor if the account has one. Returns the refusal, or None."""
        if opened.outcome is OpeningOutcome.SECOND_FACTOR_MISSING:
            self._flow.start_step(NextStep.OTP, asked_at)
            return None
        self._session_id = opened.session_id
        self._flow.state = FlowState.COMPLETED if self._session_id else FlowState.FAILED
        return REFUSALS.get(opened.outcome)

    def _opening(self) -> OpenSession:
        input = self._input
        return OpenSession(
            owner=self._workflow_id,
            user_id=input.user_id,
            username=input.username,
            role=input.role,
            device=input.device,
            epoch=input.epoch,
            has_second_factor=False,
            trusts_device=input.needs_device_code,
            now=workflow.now(),
            address_prefix=input.address_prefix,
            first_proof=input.first_proof,
            wallet_address=input.wallet_address,
        )

    def _code_mail_of_device(self) -> MailInput:
        input = self._input
        variables = {
            "username": input.username,
            "minutes": str(input.code_life_seconds // 60),
            "device": device_label(input.device.browser, input.device.device),
            "origin": input.address_prefix,
            "at": written_minute(input.asked_at),
        }
        return self._code_mail(MailKind.FINGERPRINT_VERIFY, input.email_address, variables)

    async def _record_abandoned(self) -> None:
        input = self._input
        abandoned = AbandonedSignIn(
            owner=self._workflow_id,
            user_id=input.user_id,
            user_key=input.user_key,
            username=input.username,
            email_address=input.email_address,
            device_label=device_label(input.device.browser, input.device.device),
            address_prefix=input.address_prefix,
            at=input.asked_at,
        )
        warning = await run_inline_activity(SignInActivities.record_abandoned, abandoned, STORE)
        if warning:
            # Of the same day's flows, all send the same warning: its workflow's id makes it one.
            await send_mail(warning)

    def _use(self, command: ProveSecondFactor) -> UseSecondFactor:
        input = self._input
        label = device_label(input.device.browser, input.device.device)
        return UseSecondFactor(
            input.user_id, command.second, self._workflow_id, self._uses, command.asked_at, label, input.address_prefix
        )

    def _answer(self, body_hash: str, refusal: type[DecodeError] | None) -> SignInAnswer:
        answer = build_answer(self._flow, body_hash, refusal)
        return SignInAnswer(answer.view, body_hash, answer.refusal, None if refusal else self._session_id)
