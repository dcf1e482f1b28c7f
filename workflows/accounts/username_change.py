"""UsernameChange: hold the new name, prove the address by a code, swap, tell the graph."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.accounts.username_change import (
    BeginUsernameChange,
    ReleaseUsernameChange,
    SwapUsername,
    UsernameChangeActivities,
)
from activities.codes import CheckCode, CodeIssue
from activities.delivery.mail import MailOrder
from activities.users.graph_sync import GraphSyncOrder
from domain.accounts.errors import UsernameCooldown, UsernameTaken
from domain.accounts.identifier_changes import ChangeOutcome, conclude
from domain.codes import LONGEST_FLOW, CodeLeg, CodePurpose
from domain.delivery.mail import MailKind
from domain.errors import DecodeError, DependencyUnavailable
from domain.flow_progress import Progress
from domain.flows import FlowKind, FlowState, FlowView, NextStep
from workflows.activity_options import STORE
from workflows.codes import judge_code
from workflows.delivery.mail import post
from workflows.flows import SUPERSEDED, FlowAnswer, FlowStep, answered, closed, failing_for_good, run_out, supersede
from workflows.handlers import update
from workflows.steps import quick_step
from workflows.users.graph_sync import sync_graph

REFUSALS: dict[ChangeOutcome, type[DecodeError]] = {
    ChangeOutcome.TAKEN: UsernameTaken,
    ChangeOutcome.TOO_SOON: UsernameCooldown,
}


@dataclass(frozen=True)
class UsernameChangeOrder:
    """All that the flow needs. `user_key` stands for the user in workflow ids; the code goes to the present address."""

    flow_id: str
    user_id: str
    user_key: str
    username: str
    new_username: str
    email_address: str
    asked_at: datetime
    key_id: str
    code_life_seconds: int
    body_hash: str
    locale: str = "en"


@dataclass(frozen=True)
class ProveUsernameChange:
    """`proof` stands for the typed code; `device` and `address_prefix` say where it was typed."""

    proof: str
    asked_at: datetime
    body_hash: str
    device: str
    address_prefix: str


@workflow.defn(name="UsernameChange")
class UsernameChange:
    @workflow.init
    def __init__(self, order: UsernameChangeOrder) -> None:
        self._order = order
        leg = CodeLeg(order.asked_at, timedelta(seconds=order.code_life_seconds))
        self._flow = Progress(
            order.flow_id, FlowKind.USERNAME_CHANGE, leg, NextStep.EMAIL_CODE, FlowState.RUNNING, resends=()
        )
        self._refusal: type[DecodeError] | None = None
        self._owner = workflow.info().workflow_id
        # Steps are judged one after the other: a reset brings all of them back at once, in their order.
        self._turn = asyncio.Lock()

    @workflow.run
    async def run(self, order: UsernameChangeOrder) -> FlowView:
        """The story of one change. Until the swap nothing has changed; after it, everything."""
        self._refusal = await self._begin()
        if self._refusal is None:
            self._flow.state = FlowState.WAITING
            await post(self._mail())
            await run_out(self._flow)
            await (self._tell_the_graph() if self._flow.state is FlowState.COMPLETED else self._release())
        return await closed(self._flow)

    @update(name="begun")
    async def begun(self, ask: FlowStep) -> FlowAnswer:
        """Answers as soon as the name is held or refused."""
        await self._ready()
        return answered(self._flow, self._order.body_hash, self._refusal)

    @update(name="verify")
    async def verify(self, ask: ProveUsernameChange) -> FlowAnswer:
        """Judge one typed code. The right one swaps the name."""
        await self._ready()
        async with self._turn:
            with failing_for_good(self._flow):
                refusal = await self._judge(ask) or await self._swap(ask)
            return answered(self._flow, ask.body_hash, refusal)

    @update(name="cancel")
    async def cancel(self, ask: FlowStep) -> FlowAnswer:
        """End the flow without a change."""
        await self._ready()
        async with self._turn:
            return answered(self._flow, ask.body_hash, self._flow.cancel())

    @workflow.signal(name=SUPERSEDED)
    async def superseded(self) -> None:
        """The same person has begun another change of username."""
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
        until = order.asked_at + LONGEST_FLOW
        begin = BeginUsernameChange(
            self._owner, order.flow_id, order.user_id, order.new_username, order.asked_at, until
        )
        try:
            begun = await quick_step(UsernameChangeActivities.begin, begin, STORE, give_up_at=until)
        except ActivityError:
            workflow.logger.warning("no answer about the username within the life of the flow")
            self._flow.state = FlowState.FAILED
            return DependencyUnavailable
        if begun.superseded:
            await supersede(begun.superseded)
        return conclude(self._flow, begun.outcome, REFUSALS)

    async def _judge(self, ask: ProveUsernameChange) -> type[DecodeError] | None:
        return await judge_code(self._flow, CheckCode(self._issue(), ask.proof), ask.asked_at)

    async def _swap(self, ask: ProveUsernameChange) -> type[DecodeError] | None:
        self._flow.leg.is_proved = True
        order = self._order
        swap = SwapUsername(
            self._owner, order.user_id, order.new_username, workflow.now(), ask.device, ask.address_prefix
        )
        outcome = await quick_step(UsernameChangeActivities.swap, swap, STORE)
        if outcome is ChangeOutcome.DONE:
            self._flow.state = FlowState.COMPLETED
        return conclude(self._flow, outcome, REFUSALS)

    async def _tell_the_graph(self) -> None:
        await sync_graph(GraphSyncOrder(self._order.user_id, self._order.user_key))

    async def _release(self) -> None:
        release = ReleaseUsernameChange(self._owner, self._order.user_id, self._order.new_username)
        await quick_step(UsernameChangeActivities.release, release, STORE)

    def _mail(self) -> MailOrder:
        order = self._order
        return MailOrder(
            key=f"{self._owner.replace('/', '.')}.code-1",
            kind=MailKind.USERNAME_CHANGE_VERIFY,
            recipient=order.email_address,
            locale=order.locale,
            variables={
                "username": order.username,
                "new_username": order.new_username,
                "minutes": str(order.code_life_seconds // 60),
            },
            code=self._issue(),
            give_up_at=self._flow.leg.expires_at,
        )

    def _issue(self) -> CodeIssue:
        order = self._order
        return CodeIssue(order.flow_id, CodePurpose.USERNAME_CHANGE_VERIFY, order.key_id, self._flow.leg.issue_no)
