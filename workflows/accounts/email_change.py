"""EmailChange: prove the old address, name a new one, prove that, swap, and offer the old one the way back."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.accounts.email_change import (
    BeginEmailChange,
    EmailChangeActivities,
    ReleaseEmailChange,
    SwapAddress,
    WantedAddress,
)
from activities.codes import CheckCode, CodeIssue
from activities.delivery.mail import MailOrder
from domain.accounts.errors import EmailChangeBarred
from domain.accounts.identifier_changes import ChangeOutcome, conclude
from domain.auth.errors import SessionRevoked
from domain.codes import LONGEST_FLOW, CodeLeg, CodePurpose
from domain.delivery.mail import MailKind
from domain.errors import DecodeError, DependencyUnavailable, FlowExpired
from domain.flow_progress import Progress
from domain.flows import FlowKind, FlowState, FlowView, NextStep
from workflows.accounts.email_revert import EmailRevertOrder, offer_revert
from workflows.activity_options import STORE
from workflows.codes import judge_code
from workflows.delivery.mail import post
from workflows.flows import SUPERSEDED, FlowAnswer, FlowStep, answered, closed, failing_for_good, run_out, supersede
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
class EmailChange:
    @workflow.init
    def __init__(self, order: EmailChangeOrder) -> None:
        self._order = order
        life, ends_at = timedelta(seconds=order.code_life_seconds), order.asked_at + LONGEST_FLOW
        self._flow = Progress(
            order.flow_id,
            FlowKind.EMAIL_CHANGE,
            CodeLeg(order.asked_at, life, ends_at=ends_at),
            NextStep.EMAIL_CODE,
            FlowState.RUNNING,
            resends=(NextStep.NEW_EMAIL_CODE,),
        )
        self._refusal: type[DecodeError] | None = None
        self._new_address = ""
        self._is_decoy = False
        self._revert: tuple[str, EmailRevertOrder] | None = None
        self._mails: list[asyncio.Task[None]] = []
        self._owner = workflow.info().workflow_id
        # Steps are judged one after the other: a reset brings all of them back at once, in their order.
        self._turn = asyncio.Lock()

    @workflow.run
    async def run(self, order: EmailChangeOrder) -> FlowView:
        """The story of one change: three legs, each with a deadline of its own, all within an hour."""
        self._refusal = await self._begin()
        if self._refusal is None:
            self._flow.state = FlowState.WAITING
            await post(self._code_mail(MailKind.EMAIL_CHANGE_VERIFY, order.email_address))
            await run_out(self._flow)
            await (offer_revert(*self._revert) if self._revert else self._release())
            await asyncio.gather(*self._mails)
        return await closed(self._flow)

    @update(name="begun")
    async def begun(self, ask: FlowStep) -> FlowAnswer:
        """Answers as soon as the change is the account's open one, or refused."""
        await self._ready()
        return answered(self._flow, self._order.body_hash, self._refusal)

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

    @update(name="cancel")
    async def cancel(self, ask: FlowStep) -> FlowAnswer:
        """End the flow without a change."""
        await self._ready()
        async with self._turn:
            return answered(self._flow, ask.body_hash, self._flow.cancel())

    @workflow.signal(name=SUPERSEDED)
    async def superseded(self) -> None:
        """The same person has begun another change of address, or taken an earlier one back."""
        await self._ready()
        async with self._turn:
            self._flow.cancel()

    @workflow.query(name="look")
    def look(self) -> FlowView:
        return self._flow.view()

    async def _ready(self) -> None:
        await workflow.wait_condition(lambda: self._flow.state is not FlowState.RUNNING)

    async def _begin(self) -> type[DecodeError] | None:
        order = self._order
        begin = BeginEmailChange(self._owner, order.flow_id, order.user_id, order.asked_at)
        until = order.asked_at + LONGEST_FLOW
        try:
            begun = await quick_step(EmailChangeActivities.begin, begin, STORE, give_up_at=until)
        except ActivityError:
            workflow.logger.warning("no answer about the account within the life of the flow")
            self._flow.state = FlowState.FAILED
            return DependencyUnavailable
        if begun.superseded:
            await supersede(begun.superseded)
        return conclude(self._flow, begun.outcome, REFUSALS)

    async def _judge_code(self, proof: str, asked_at: datetime) -> type[DecodeError] | None:
        return await judge_code(self._flow, CheckCode(self._issue(), proof, is_decoy=self._is_decoy), asked_at)

    def _take_naming(self, asked_at: datetime) -> type[DecodeError] | None:
        """The first naming begins the leg of the new address; each further one is a resend in it."""
        if self._flow.judge_turn(NextStep.NEW_EMAIL) is None:
            if asked_at > self._flow.leg.expires_at:
                return FlowExpired
            self._flow.go_on(NextStep.NEW_EMAIL_CODE, asked_at)
            return None
        return self._flow.judge_turn(NextStep.NEW_EMAIL_CODE) or self._flow.leg.take_resend(asked_at)

    async def _address(self, ask: NameNewAddress) -> None:
        """Ordered, not waited for: who has the address must not show in how long the answer takes."""
        self._new_address = ask.email_address
        wanted = WantedAddress(self._order.user_id, ask.email_address, ask.asked_at)
        taken = await quick_step(EmailChangeActivities.find_taken, wanted, STORE)
        self._is_decoy = taken is not None
        mail = taken or self._code_mail(MailKind.NEW_EMAIL_CHANGE_VERIFY, ask.email_address)
        self._mails.append(asyncio.create_task(post(mail)))

    async def _swap(self, ask: ProveNewAddress) -> type[DecodeError] | None:
        self._flow.leg.is_proved = True
        order, now = self._order, workflow.now()
        swap = SwapAddress(
            self._owner, order.user_id, self._new_address, ask.session_id, now, ask.device, ask.address_prefix
        )
        swapped = await quick_step(EmailChangeActivities.swap, swap, STORE)
        if swapped.outcome is ChangeOutcome.TAKEN:
            return self._become_decoy()
        if swapped.outcome is ChangeOutcome.DONE:
            self._flow.state = FlowState.COMPLETED
            self._revert = swapped.revert_id, self._way_back(swapped.revert_flow_id, ask, now)
        return conclude(self._flow, swapped.outcome, REFUSALS)

    def _become_decoy(self) -> type[DecodeError]:
        """Somebody proved the same address first. From outside it looks like a wrong code from now on."""
        self._is_decoy = True
        self._flow.leg.is_proved = False
        return self._flow.count_wrong()

    async def _release(self) -> None:
        await quick_step(EmailChangeActivities.release, ReleaseEmailChange(self._owner, self._order.user_id), STORE)

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

    def _code_mail(self, kind: MailKind, address: str) -> MailOrder:
        order, issue = self._order, self._issue()
        return MailOrder(
            key=f"{self._owner.replace('/', '.')}.{issue.purpose}-{issue.issue_no}",
            kind=kind,
            recipient=address,
            locale=order.locale,
            variables={"username": order.username, "minutes": str(order.code_life_seconds // 60)},
            code=issue,
            give_up_at=self._flow.leg.expires_at,
        )

    def _issue(self) -> CodeIssue:
        is_old = self._flow.next is NextStep.EMAIL_CODE
        purpose = CodePurpose.EMAIL_CHANGE_VERIFY if is_old else CodePurpose.NEW_EMAIL_CHANGE_VERIFY
        return CodeIssue(self._order.flow_id, purpose, self._order.key_id, self._flow.leg.issue_no)
