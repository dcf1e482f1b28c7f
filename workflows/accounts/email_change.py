"""EmailChange: prove the old address, name a new one, prove that, swap, and offer the old one the way back."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio import workflow

from activities.accounts.email_change import (
    BeginEmailChange,
    EmailChangeActivities,
    ReleaseEmailChange,
    SwapAddress,
    WantedAddress,
)
from activities.delivery.mail import MailOrder
from domain.accounts.errors import EmailChangeBarred
from domain.accounts.identifier_changes import ChangeOutcome, conclude
from domain.auth.errors import SessionRevoked
from domain.codes import LONGEST_FLOW, CodeLeg, CodePurpose
from domain.delivery.mail import MailKind
from domain.errors import DecodeError, FlowExpired
from domain.flow_progress import Progress
from domain.flows import FlowKind, FlowState, FlowView, NextStep
from workflows.accounts.email_revert import EmailRevertOrder, offer_revert
from workflows.accounts.identifier_changes import begin_change
from workflows.activity_options import STORE
from workflows.code_flow import ClientCodeFlow
from workflows.delivery.mail import post
from workflows.flows import SUPERSEDED, FlowAnswer, answered, closed, failing_for_good, run_out
from workflows.handlers import update
from workflows.steps import quick_step

REFUSALS: dict[ChangeOutcome, type[DecodeError]] = {
    ChangeOutcome.BARRED: EmailChangeBarred,
    ChangeOutcome.SIGNED_OUT: SessionRevoked,
}


@dataclass(frozen=True)
class EmailChangeOrder:
    """All that the flow needs. `email_address` is the present one; the new one comes with a step."""

    flow_id: str
    user_id: str
    username: str
    email_address: str
    asked_at: datetime
    key_id: str
    code_life_seconds: int
    body_hash: str
    locale: str = "en"


@dataclass(frozen=True)
class ProveOldAddress:
    """`proof` stands for the typed code."""

    proof: str
    asked_at: datetime
    body_hash: str


@dataclass(frozen=True)
class NameNewAddress:
    email_address: str
    asked_at: datetime
    body_hash: str


@dataclass(frozen=True)
class ProveNewAddress:
    """`session_id`: the session that goes on; `device` and `address_prefix` say where the code was typed."""

    proof: str
    asked_at: datetime
    body_hash: str
    session_id: str
    device: str
    address_prefix: str


@workflow.defn(name="EmailChange")
class EmailChange(ClientCodeFlow):
    @workflow.init
    def __init__(self, order: EmailChangeOrder) -> None:
        self._order = order
        life, ends_at = timedelta(seconds=order.code_life_seconds), order.asked_at + LONGEST_FLOW
        flow = Progress(
            order.flow_id,
            FlowKind.EMAIL_CHANGE,
            CodeLeg(order.asked_at, life, ends_at=ends_at),
            NextStep.EMAIL_CODE,
            FlowState.RUNNING,
            resends=(NextStep.NEW_EMAIL_CODE,),
        )
        super().__init__(
            flow,
            CodePurpose.EMAIL_CHANGE_VERIFY,
            key_id=order.key_id,
            locale=order.locale,
            body_hash=order.body_hash,
        )
        self._new_address = ""
        self._revert: tuple[str, EmailRevertOrder] | None = None
        self._mails: list[asyncio.Task[None]] = []

    @workflow.run
    async def run(self, order: EmailChangeOrder) -> FlowView:
        """The story of one change: three legs, each with a deadline of its own, all within an hour."""
        self._refusal = await self._begin()
        if self._refusal is None:
            self._flow.state = FlowState.WAITING
            await post(self._mail(MailKind.EMAIL_CHANGE_VERIFY, order.email_address))
            await run_out(self._flow)
            await (offer_revert(*self._revert) if self._revert else self._release())
            await asyncio.gather(*self._mails)
        return await closed(self._flow)

    @update(name="verify")
    async def verify(self, ask: ProveOldAddress) -> FlowAnswer:
        """Judge the code that went to the present address. The right one lets a new address be named."""
        await self._ready()
        async with self._turn:
            refusal = self._flow.judge_turn(NextStep.EMAIL_CODE) or await self._judge_code(ask.proof, ask.asked_at)
            if refusal is None:
                self._flow.go_on(NextStep.NEW_EMAIL, ask.asked_at)
            return answered(self._flow, ask.body_hash, refusal)

    @update(name="name_address")
    async def name_address(self, ask: NameNewAddress) -> FlowAnswer:
        """Mail a code to the new address. Asked again later, for the same or another one, older codes are void."""
        await self._ready()
        async with self._turn:
            refusal = self._take_naming(ask.asked_at)
            if refusal is None:
                await self._address(ask)
            return answered(self._flow, ask.body_hash, refusal)

    @update(name="verify_new")
    async def verify_new(self, ask: ProveNewAddress) -> FlowAnswer:
        """Judge the code that went to the new address. The right one swaps."""
        await self._ready()
        async with self._turn:
            with failing_for_good(self._flow):
                refusal = (
                    self._flow.judge_turn(NextStep.NEW_EMAIL_CODE)
                    or await self._judge_code(ask.proof, ask.asked_at)
                    or await self._swap(ask)
                )
            return answered(self._flow, ask.body_hash, refusal)

    @workflow.signal(name=SUPERSEDED)
    async def superseded(self) -> None:
        """The same person has begun another change of address, or taken an earlier one back."""
        await self._ready()
        async with self._turn:
            self._flow.cancel()

    async def _begin(self) -> type[DecodeError] | None:
        order = self._order
        begin = BeginEmailChange(self._workflow_id, order.flow_id, order.user_id, order.asked_at)
        until = order.asked_at + LONGEST_FLOW
        return await begin_change(self._flow, EmailChangeActivities.begin, begin, give_up_at=until, refusals=REFUSALS)

    def _take_naming(self, asked_at: datetime) -> type[DecodeError] | None:
        """Let a code go to the new address that is named at `asked_at`. Returns why it may not.

        The first naming begins the leg in which that address is proved; each further one is a resend in it.
        """
        is_first = self._flow.judge_turn(NextStep.NEW_EMAIL) is None
        if not is_first:
            return self._flow.judge_turn(NextStep.NEW_EMAIL_CODE) or self._flow.leg.take_resend(asked_at)
        if asked_at > self._flow.leg.expires_at:
            return FlowExpired
        self._purpose = CodePurpose.NEW_EMAIL_CHANGE_VERIFY
        self._flow.go_on(NextStep.NEW_EMAIL_CODE, asked_at)
        return None

    async def _address(self, ask: NameNewAddress) -> None:
        """Ordered, not waited for: who has the address must not show in how long the answer takes."""
        self._new_address = ask.email_address
        wanted = WantedAddress(self._order.user_id, ask.email_address, ask.asked_at)
        taken = await quick_step(EmailChangeActivities.find_taken, wanted, STORE)
        self._is_decoy = taken is not None
        mail = taken or self._mail(MailKind.NEW_EMAIL_CHANGE_VERIFY, ask.email_address)
        self._mails.append(asyncio.create_task(post(mail)))

    async def _swap(self, ask: ProveNewAddress) -> type[DecodeError] | None:
        self._flow.leg.is_proved = True
        order, now = self._order, workflow.now()
        swap = SwapAddress(
            self._workflow_id, order.user_id, self._new_address, ask.session_id, now, ask.device, ask.address_prefix
        )
        swapped = await quick_step(EmailChangeActivities.swap, swap, STORE)
        if swapped.outcome is ChangeOutcome.TAKEN:
            return self._become_decoy()
        if swapped.outcome is ChangeOutcome.DONE:
            self._flow.state = FlowState.COMPLETED
            self._revert = swapped.revert_id, self._way_back(swapped.revert_flow_id, ask, now)
        return conclude(self._flow, swapped.outcome, REFUSALS)

    async def _release(self) -> None:
        await quick_step(
            EmailChangeActivities.release, ReleaseEmailChange(self._workflow_id, self._order.user_id), STORE
        )

    def _way_back(self, flow_id: str, ask: ProveNewAddress, now: datetime) -> EmailRevertOrder:
        order = self._order
        return EmailRevertOrder(
            flow_id=flow_id,
            user_id=order.user_id,
            username=order.username,
            email_address=order.email_address,
            changed_at=now,
            device=ask.device,
            address_prefix=ask.address_prefix,
            key_id=order.key_id,
            locale=order.locale,
        )

    def _mail(self, kind: MailKind, address: str) -> MailOrder:
        """Named after what its code is for: both addresses get a first one."""
        order, issue = self._order, self._issue()
        variables = {"username": order.username, "minutes": str(order.code_life_seconds // 60)}
        return self._code_mail(kind, address, variables, name=f"{issue.purpose}-{issue.issue_no}")
