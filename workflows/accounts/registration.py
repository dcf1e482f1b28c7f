"""Registration: hold the username, mail a code, wait for it, create the account, welcome its owner."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.accounts.registration import (
    AccountCreated,
    BeginRegistration,
    CreateAccount,
    FinishRegistration,
    HoldUsername,
    RegistrationActivities,
    ReleaseUsername,
    ReserveSlot,
)
from activities.delivery.mail import MailInput
from domain.accounts.errors import UsernameTaken
from domain.accounts.registration import AccountCreationOutcome, AddressHolder, RegistrationStart
from domain.auth.devices import DeviceInput
from domain.codes import MAX_FLOW_DURATION, CodeChallenge, CodePurpose
from domain.delivery.mail import MailKind
from domain.errors import DecodeError, DependencyUnavailable, FlowClosed, RateLimited
from domain.flow_progress import FlowProgress
from domain.flows import FlowKind, FlowState, FlowView, NextStep
from domain.moments import written_day
from workflows.accounts.registration_before import begin_before, closed_by_proof, finish_before, follow_up_before
from workflows.activity_options import STORE
from workflows.code_flow import ClientCodeFlow
from workflows.codes import prove
from workflows.delivery.mailing_flow import MailingFlow
from workflows.flows import FlowAnswer, FlowCommand, build_answer, fail_flow_on_error, wait_until_closed
from workflows.handlers import update
from workflows.steps import run_inline_activity

REFUSALS: dict[RegistrationStart, type[DecodeError]] = {
    RegistrationStart.USERNAME_TAKEN: UsernameTaken,
    RegistrationStart.NETWORK_FULL: RateLimited,
}


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
    """`proof` is the keyed hash of the typed code. With `device`, the flow opens a session on that device.
    `address_prefix`: where the code was typed.
    """

    proof: str
    asked_at: datetime
    body_hash: str
    device: DeviceInput | None = None
    address_prefix: str | None = None


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
class Registration(ClientCodeFlow, MailingFlow):
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
        self._refusal = await self._begin()
        if self._refusal:
            self._flow.state = FlowState.FAILED
            return await self._close()
        self._flow.state = FlowState.WAITING
        await self._send(self._code_or_notice())
        await wait_until_closed(self._flow)
        if self._account and self._flow.state is FlowState.COMPLETED:
            await self._welcome(self._account)
        else:
            await self._release_username()
        return await self._close()

    @update(name="verify")
    async def verify(self, command: VerifyEmail) -> VerifyAnswer:
        """Check one typed code. The right one creates the account and, on request, opens a session."""
        await self._ready()
        refusal = closed_by_proof(self._flow)
        if refusal is None:
            async with self._turn:
                with fail_flow_on_error(self._flow):
                    refusal = await self._finish(command)
        if refusal or not self._account:
            return VerifyAnswer(self._flow.view(), command.body_hash, (refusal or FlowClosed).__name__)
        registered = RegisteredAccount(self._account.user_id, self._account.session_id)
        return VerifyAnswer(self._flow.view(), command.body_hash, registered=registered)

    @update(name="resend")
    async def resend(self, command: FlowCommand) -> FlowAnswer:
        """Send a new code, which makes older ones void."""
        await self._ready()
        refusal = closed_by_proof(self._flow)
        if refusal is None:
            async with self._turn:
                refusal = self._flow.refusal or closed_by_proof(self._flow)
                refusal = refusal or self._flow.challenge.count_resend(command.asked_at)
                if refusal is None:
                    await self._send(self._code_or_notice())
        return build_answer(self._flow, command.body_hash, refusal)

    async def _begin(self) -> type[DecodeError] | None:
        """Hold the username and take one of the network's slots for unverified registrations. Returns the refusal."""
        begin = self._beginning()
        try:
            if self._is_one_workflow:
                until = begin.hold.until
                start = await run_inline_activity(RegistrationActivities.begin, begin, STORE, give_up_at=until)
            else:
                start = await begin_before(begin)
        except ActivityError:
            workflow.logger.warning("no answer about the username within the life of the flow")
            return DependencyUnavailable
        return REFUSALS.get(start)

    def _beginning(self) -> BeginRegistration:
        input, owner, now = self._input, self._workflow_id, workflow.now()
        until = input.asked_at + MAX_FLOW_DURATION
        hold = HoldUsername(input.username, owner, until, now, input.email_address)
        return BeginRegistration(hold, ReserveSlot(input.address_key, owner, until, now) if input.address_key else None)

    async def _finish(self, command: VerifyEmail) -> type[DecodeError] | None:
        """Check the code and create the account, in one step. The attempt is counted before it."""
        finish = FinishRegistration(self._check(command.proof), self._new_account(command))
        if self._is_one_workflow:
            account = await prove(self._flow, RegistrationActivities.finish, finish, command.asked_at)
        else:
            account = await finish_before(self._flow, finish, command.asked_at)
        return self._end_with(account) if isinstance(account, AccountCreated) else account

    def _end_with(self, account: AccountCreated) -> type[DecodeError] | None:
        """End the flow with the account, or return why there is none."""
        if account.creation is AccountCreationOutcome.EMAIL_TAKEN:
            self._holder = account.holder
            return self._become_decoy()
        if account.creation is AccountCreationOutcome.USERNAME_TAKEN:
            self._flow.state = FlowState.FAILED
            return UsernameTaken
        self._account = account
        self._flow.state = FlowState.COMPLETED
        return None

    async def _welcome(self, account: AccountCreated) -> None:
        if self._is_one_workflow:
            await self._send(self._welcome_mail())
        else:
            await follow_up_before(account, self._welcome_mail())

    async def _release_username(self) -> None:
        release = ReleaseUsername(self._input.username, self._workflow_id, self._input.address_key)
        await run_inline_activity(RegistrationActivities.release_username, release, STORE)

    def _judge_cancel(self) -> type[DecodeError] | None:
        return closed_by_proof(self._flow)

    def _code_or_notice(self) -> MailInput:
        """Return the code's mail; if the address has an account, one that says so, with the same key and deadline."""
        input = self._input
        variables = {"username": input.username, "minutes": self._minutes()}
        mail = self._code_mail(MailKind.CREATE_ACCOUNT, input.email_address, variables)
        return self._account_exists(mail) if self._is_decoy else mail

    def _account_exists(self, mail: MailInput) -> MailInput:
        """Return the mail in place of this code mail. It goes to the stored address, never to the typed one."""
        holder = self._holder or AddressHolder("")
        variables = dict(mail.variables)
        if not holder.is_active:
            variables["date"] = written_day(holder.deletion_at) if holder.deletion_at else ""
        return replace(
            mail, kind=MailKind.ACCOUNT_EXISTS, recipient=holder.email_address, variables=variables, code=None
        )

    def _welcome_mail(self) -> MailInput:
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

    def _new_account(self, command: VerifyEmail) -> CreateAccount:
        return CreateAccount(
            username=self._input.username,
            email_address=self._input.email_address,
            password_hashed=self._input.password_hashed,
            owner=self._workflow_id,
            now=workflow.now(),
            device=command.device,
            address_key=self._input.address_key,
            address_prefix=command.address_prefix,
        )
