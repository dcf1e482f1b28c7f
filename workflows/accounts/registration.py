"""Registration: hold the name, mail a code, wait for it, make the account, tell the others."""

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
    TakePlace,
)
from activities.delivery.mail import MailOrder
from activities.users.graph_sync import GraphSyncOrder
from domain.accounts.errors import UsernameTaken
from domain.accounts.registration import Creation
from domain.auth.devices import DeviceFields
from domain.codes import LONGEST_FLOW, CodeLeg, CodePurpose
from domain.delivery.mail import MailKind
from domain.errors import DecodeError, DependencyUnavailable, FlowClosed, RateLimited
from domain.flow_progress import Progress
from domain.flows import FlowKind, FlowState, FlowView, NextStep
from workflows.activity_options import STORE
from workflows.code_flow import ClientCodeFlow
from workflows.delivery.mail import post
from workflows.flows import FlowAnswer, FlowStep, answered, closed, failing_for_good, run_out
from workflows.handlers import update
from workflows.steps import quick_step
from workflows.users.graph_sync import sync_graph


@dataclass(frozen=True)
class RegistrationOrder:
    """All that the flow needs, so that an accepted start is a durable one.

    `is_known`: the address has an account already; the flow then takes the same steps, sends another
    mail, and no code is ever right. `key_id` names the key of the codes. `address_key` stands for the network
    it comes from; without one it takes no place there.
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


@dataclass(frozen=True)
class VerifyEmail:
    """`proof` stands for the typed code. With `device`, the flow ends in a session on that device."""

    proof: str
    asked_at: datetime
    body_hash: str
    device: DeviceFields | None = None


@dataclass(frozen=True)
class Registered:
    """The end of a registration: who it is, and the session if one was asked for. No tokens."""

    user_id: str
    session_id: str | None


@dataclass(frozen=True)
class VerifyAnswer:
    view: FlowView
    body_hash: str
    refusal: str | None = None
    registered: Registered | None = None


@workflow.defn(name="Registration")
class Registration(ClientCodeFlow):
    @workflow.init
    def __init__(self, order: RegistrationOrder) -> None:
        self._order = order
        leg = CodeLeg(order.asked_at, timedelta(seconds=order.code_life_seconds))
        super().__init__(
            Progress(order.flow_id, FlowKind.REGISTRATION, leg, NextStep.EMAIL_CODE, FlowState.RUNNING),
            CodePurpose.CREATE_ACCOUNT,
            key_id=order.key_id,
            locale=order.locale,
            body_hash=order.body_hash,
        )
        self._is_decoy = order.is_known
        self._account: AccountCreated | None = None

    @workflow.run
    async def run(self, order: RegistrationOrder) -> FlowView:
        """The story of one registration. Its end is a state; its effects are keyed by its id."""
        self._refusal = await self._hold_username() or await self._take_place()
        if self._refusal:
            return await self._end(FlowState.FAILED)
        self._flow.state = FlowState.WAITING
        await self._send_mail()
        await run_out(self._flow)
        if self._account and self._flow.state is FlowState.COMPLETED:
            await self._tell_the_others(self._account)
        else:
            await self._release_username()
        return await self._end(self._flow.state)

    @update(name="verify")
    async def verify(self, ask: VerifyEmail) -> VerifyAnswer:
        """Judge one typed code. The right one makes the account and, on request, opens a session."""
        await self._ready()
        refusal = self._closed_by_proof()
        if refusal is None:
            async with self._turn:
                with failing_for_good(self._flow):
                    refusal = await self._judge_code(ask.proof, ask.asked_at)
                    refusal = refusal or await self._create_account(ask.device)
        if refusal or not self._account:
            return VerifyAnswer(self._flow.view(), ask.body_hash, (refusal or FlowClosed).__name__)
        registered = Registered(self._account.user_id, self._account.session_id)
        return VerifyAnswer(self._flow.view(), ask.body_hash, registered=registered)

    @update(name="resend")
    async def resend(self, ask: FlowStep) -> FlowAnswer:
        """Send a new code; older ones are void from now on."""
        await self._ready()
        refusal = self._closed_by_proof()
        if refusal is None:
            async with self._turn:
                refusal = self._flow.refusal or self._closed_by_proof() or self._flow.leg.take_resend(ask.asked_at)
                if refusal is None:
                    await self._send_mail()
        return answered(self._flow, ask.body_hash, refusal)

    async def _hold_username(self) -> type[DecodeError] | None:
        until = self._order.asked_at + LONGEST_FLOW
        hold = HoldUsername(self._order.username, self._workflow_id, until, workflow.now())
        try:
            is_held = await quick_step(RegistrationActivities.hold_username, hold, STORE, give_up_at=until)
        except ActivityError:
            workflow.logger.warning("no answer about the username within the life of the flow")
            return DependencyUnavailable
        return None if is_held else UsernameTaken

    async def _take_place(self) -> type[DecodeError] | None:
        """Only so many registrations of one network may wait for their proof."""
        if not self._order.address_key:
            return None
        until = self._order.asked_at + LONGEST_FLOW
        take = TakePlace(self._order.address_key, self._workflow_id, until, workflow.now())
        if await quick_step(RegistrationActivities.take_place, take, STORE):
            return None
        await self._release_username()
        return RateLimited

    async def _tell_the_others(self, account: AccountCreated) -> None:
        await asyncio.gather(
            sync_graph(GraphSyncOrder(account.user_id, account.user_key)),
            post(self._welcome()),
        )

    async def _release_username(self) -> None:
        release = ReleaseUsername(self._order.username, self._workflow_id, self._order.address_key)
        await quick_step(RegistrationActivities.release_username, release, STORE)

    async def _create_account(self, device: DeviceFields | None) -> type[DecodeError] | None:
        refusal = self._flow.refusal or self._closed_by_proof()
        if refusal is not None:
            return refusal
        self._flow.leg.is_proved = True
        account = await quick_step(RegistrationActivities.create_account, self._new_account(device), STORE)
        if account.creation is Creation.EMAIL_TAKEN:
            return self._become_decoy()
        if account.creation is Creation.USERNAME_TAKEN:
            self._flow.state = FlowState.FAILED
            return UsernameTaken
        self._account = account
        self._flow.state = FlowState.COMPLETED
        return None

    def _judge_cancel(self) -> type[DecodeError] | None:
        return self._closed_by_proof()

    def _closed_by_proof(self) -> type[DecodeError] | None:
        return FlowClosed if self._flow.leg.is_proved else None

    async def _send_mail(self) -> None:
        """A code, or to the address of an account a mail that says so, with the same key and life."""
        order = self._order
        variables = {"username": order.username, "minutes": self._minutes()}
        mail = self._code_mail(MailKind.CREATE_ACCOUNT, order.email_address, variables)
        await post(replace(mail, kind=MailKind.ACCOUNT_EXISTS, code=None) if self._is_decoy else mail)

    def _welcome(self) -> MailOrder:
        order = self._order
        return MailOrder(
            key=self._mail_key("welcome"),
            kind=MailKind.WELCOME_MESSAGE,
            recipient=order.email_address,
            locale=order.locale,
            variables={"username": order.username, "minutes": self._minutes()},
        )

    def _minutes(self) -> str:
        return str(self._order.code_life_seconds // 60)

    def _new_account(self, device: DeviceFields | None) -> CreateAccount:
        return CreateAccount(
            username=self._order.username,
            email_address=self._order.email_address,
            password_hashed=self._order.password_hashed,
            owner=self._workflow_id,
            now=workflow.now(),
            device=device,
            address_key=self._order.address_key,
        )

    async def _end(self, state: FlowState) -> FlowView:
        self._flow.state = state
        return await closed(self._flow)
