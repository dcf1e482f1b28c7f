"""Registration: hold the username, mail a code, wait for it, create the account, start the follow-ups."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.accounts.registration import (
    AccountCreated,
    CreateAccount,
    HoldUsername,
    RegistrationActivities,
    ReleaseUsername,
    ReserveSlot,
)
from activities.delivery.mail import MailInput
from activities.users.graph_sync import GraphSyncInput
from domain.accounts.errors import UsernameTaken
from domain.accounts.registration import AccountCreationOutcome, AddressHolder
from domain.auth.devices import DeviceInput
from domain.codes import MAX_FLOW_DURATION, CodeChallenge, CodePurpose
from domain.delivery.mail import MailKind
from domain.errors import DecodeError, DependencyUnavailable, FlowClosed, RateLimited
from domain.flow_progress import FlowProgress
from domain.flows import FlowKind, FlowState, FlowView, NextStep
from domain.moments import written_day
from workflows.activity_options import STORE
from workflows.code_flow import ClientCodeFlow
from workflows.delivery.mail import send_mail
from workflows.flows import FlowAnswer, FlowCommand, build_answer, close_flow, fail_flow_on_error, wait_until_closed
from workflows.handlers import update
from workflows.steps import run_inline_activity
from workflows.users.graph_sync import start_or_wake_graph_sync


@dataclass(frozen=True)
class RegistrationInput:
    """All that the flow needs, so that an accepted start is durable.

    `is_known`: the address already has an account, or is held for one, whose `holder` is told; the flow then takes the
    same steps, sends a different mail, and accepts no code. `key_id` names the key of the codes. `address_key` is the
    keyed hash of the client's network; empty, the registration takes no slot of a network.
    """

    flow_id: str
    username: str
    email_address: str
    password_hashed: str
    is_known: bool
    asked_at: datetime
    key_id: str
    code_life_seconds: int
    body_hash: str
    locale: str = "en"
    address_key: str = ""
    holder: AddressHolder | None = None


@dataclass(frozen=True)
class VerifyEmail:
    """`proof` is the keyed hash of the typed code. With `device`, the flow opens a session on that device."""

    proof: str
    asked_at: datetime
    body_hash: str
    device: DeviceInput | None = None


@dataclass(frozen=True)
class RegisteredAccount:
    """The result of a registration: the user id, and the session id if one was requested. No tokens."""

    user_id: str
    session_id: str | None


@dataclass(frozen=True)
class VerifyAnswer:
    """The answer to a `VerifyEmail`; `registered` once the account exists, `refusal` a class of domain/errors.py."""

    view: FlowView
    body_hash: str
    refusal: str | None = None
    registered: RegisteredAccount | None = None


@workflow.defn(name="Registration")
class Registration(ClientCodeFlow):
    """One registration, from the held username to the account. Returns the closed flow."""

    @workflow.init
    def __init__(self, input: RegistrationInput) -> None:
        self._input = input
        challenge = CodeChallenge(input.asked_at, timedelta(seconds=input.code_life_seconds))
        super().__init__(
            FlowProgress(input.flow_id, FlowKind.REGISTRATION, challenge, NextStep.EMAIL_CODE, FlowState.RUNNING),
            CodePurpose.CREATE_ACCOUNT,
            key_id=input.key_id,
            locale=input.locale,
            body_hash=input.body_hash,
        )
        self._is_decoy = input.is_known
        self._holder = input.holder
        self._account: AccountCreated | None = None

    @workflow.run
    async def run(self, input: RegistrationInput) -> FlowView:
        """Run one registration. Its effects are keyed by the workflow id, so a repeat has no further effect."""
        self._refusal = await self._hold_username() or await self._reserve_slot()
        if self._refusal:
            return await self._end(FlowState.FAILED)
        self._flow.state = FlowState.WAITING
        await self._send_mail()
        await wait_until_closed(self._flow)
        if self._account and self._flow.state is FlowState.COMPLETED:
            await self._start_follow_ups(self._account)
        else:
            await self._release_username()
        return await self._end(self._flow.state)

    @update(name="verify")
    async def verify(self, command: VerifyEmail) -> VerifyAnswer:
        """Check one typed code. The right one creates the account and, on request, opens a session."""
        await self._ready()
        refusal = self._closed_by_proof()
        if refusal is None:
            async with self._turn:
                with fail_flow_on_error(self._flow):
                    refusal = await self._judge_code(command.proof, command.asked_at)
                    refusal = refusal or await self._create_account(command.device)
        if refusal or not self._account:
            return VerifyAnswer(self._flow.view(), command.body_hash, (refusal or FlowClosed).__name__)
        registered = RegisteredAccount(self._account.user_id, self._account.session_id)
        return VerifyAnswer(self._flow.view(), command.body_hash, registered=registered)

    @update(name="resend")
    async def resend(self, command: FlowCommand) -> FlowAnswer:
        """Send a new code, which makes older ones void."""
        await self._ready()
        refusal = self._closed_by_proof()
        if refusal is None:
            async with self._turn:
                refusal = (
                    self._flow.refusal or self._closed_by_proof() or self._flow.challenge.count_resend(command.asked_at)
                )
                if refusal is None:
                    await self._send_mail()
        return build_answer(self._flow, command.body_hash, refusal)

    async def _hold_username(self) -> type[DecodeError] | None:
        until = self._input.asked_at + MAX_FLOW_DURATION
        hold = HoldUsername(self._input.username, self._workflow_id, until, workflow.now(), self._input.email_address)
        try:
            is_held = await run_inline_activity(RegistrationActivities.hold_username, hold, STORE, give_up_at=until)
        except ActivityError:
            workflow.logger.warning("no answer about the username within the life of the flow")
            return DependencyUnavailable
        return None if is_held else UsernameTaken

    async def _reserve_slot(self) -> type[DecodeError] | None:
        """Take one of the network's slots for unverified registrations. Returns RateLimited when none is free."""
        if not self._input.address_key:
            return None
        until = self._input.asked_at + MAX_FLOW_DURATION
        take = ReserveSlot(self._input.address_key, self._workflow_id, until, workflow.now())
        if await run_inline_activity(RegistrationActivities.reserve_slot, take, STORE):
            return None
        await self._release_username()
        return RateLimited

    async def _start_follow_ups(self, account: AccountCreated) -> None:
        await asyncio.gather(
            start_or_wake_graph_sync(GraphSyncInput(account.user_id, account.user_key)),
            send_mail(self._welcome()),
        )

    async def _release_username(self) -> None:
        release = ReleaseUsername(self._input.username, self._workflow_id, self._input.address_key)
        await run_inline_activity(RegistrationActivities.release_username, release, STORE)

    async def _create_account(self, device: DeviceInput | None) -> type[DecodeError] | None:
        refusal = self._flow.refusal or self._closed_by_proof()
        if refusal is not None:
            return refusal
        self._flow.challenge.is_proved = True
        account = await run_inline_activity(RegistrationActivities.create_account, self._new_account(device), STORE)
        if account.creation is AccountCreationOutcome.EMAIL_TAKEN:
            self._holder = account.holder
            return self._become_decoy()
        if account.creation is AccountCreationOutcome.USERNAME_TAKEN:
            self._flow.state = FlowState.FAILED
            return UsernameTaken
        self._account = account
        self._flow.state = FlowState.COMPLETED
        return None

    def _judge_cancel(self) -> type[DecodeError] | None:
        return self._closed_by_proof()

    def _closed_by_proof(self) -> type[DecodeError] | None:
        return FlowClosed if self._flow.challenge.is_proved else None

    async def _send_mail(self) -> None:
        """Send a code; if the address has an account, a mail that says so, with the same key and deadline."""
        input = self._input
        variables = {"username": input.username, "minutes": self._minutes()}
        mail = self._code_mail(MailKind.CREATE_ACCOUNT, input.email_address, variables)
        await send_mail(self._account_exists(mail) if self._is_decoy else mail)

    def _account_exists(self, mail: MailInput) -> MailInput:
        """Return the mail in place of this code mail. It goes to the stored address, never to the typed one."""
        holder = self._holder or AddressHolder("")
        variables = dict(mail.variables)
        if not holder.is_active:
            variables["date"] = written_day(holder.deletion_at) if holder.deletion_at else ""
        return replace(
            mail, kind=MailKind.ACCOUNT_EXISTS, recipient=holder.email_address, variables=variables, code=None
        )

    def _welcome(self) -> MailInput:
        input = self._input
        return MailInput(
            key=self._mail_key("welcome"),
            kind=MailKind.WELCOME_MESSAGE,
            recipient=input.email_address,
            locale=input.locale,
            variables={"username": input.username, "minutes": self._minutes()},
        )

    def _minutes(self) -> str:
        return str(self._input.code_life_seconds // 60)

    def _new_account(self, device: DeviceInput | None) -> CreateAccount:
        return CreateAccount(
            username=self._input.username,
            email_address=self._input.email_address,
            password_hashed=self._input.password_hashed,
            owner=self._workflow_id,
            now=workflow.now(),
            device=device,
            address_key=self._input.address_key,
        )

    async def _end(self, state: FlowState) -> FlowView:
        self._flow.state = state
        return await close_flow(self._flow)
