"""UsernameChange: hold the new name, prove the address by a code, swap, tell the graph."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio import workflow

from activities.accounts.username_change import (
    BeginUsernameChange,
    ReleaseUsernameChange,
    SwapUsername,
    UsernameChangeActivities,
)
from activities.delivery.mail import MailOrder
from activities.users.graph_sync import GraphSyncOrder
from domain.accounts.errors import UsernameCooldown, UsernameTaken
from domain.accounts.identifier_changes import ChangeOutcome, conclude
from domain.codes import LONGEST_FLOW, CodeLeg, CodePurpose
from domain.delivery.mail import MailKind
from domain.errors import DecodeError
from domain.flow_progress import Progress
from domain.flows import FlowKind, FlowState, FlowView, NextStep
from workflows.accounts.identifier_changes import begin_change
from workflows.activity_options import STORE
from workflows.code_flow import ClientCodeFlow
from workflows.delivery.mail import post
from workflows.flows import SUPERSEDED, FlowAnswer, answered, closed, failing_for_good, run_out
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
class UsernameChange(ClientCodeFlow):
    @workflow.init
    def __init__(self, order: UsernameChangeOrder) -> None:
        self._order = order
        leg = CodeLeg(order.asked_at, timedelta(seconds=order.code_life_seconds))
        super().__init__(
            Progress(order.flow_id, FlowKind.USERNAME_CHANGE, leg, NextStep.EMAIL_CODE, FlowState.RUNNING, resends=()),
            CodePurpose.USERNAME_CHANGE_VERIFY,
            key_id=order.key_id,
            locale=order.locale,
            body_hash=order.body_hash,
        )

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

    @update(name="verify")
    async def verify(self, ask: ProveUsernameChange) -> FlowAnswer:
        """Judge one typed code. The right one swaps the name."""
        await self._ready()
        async with self._turn:
            with failing_for_good(self._flow):
                refusal = await self._judge_code(ask.proof, ask.asked_at) or await self._swap(ask)
            return answered(self._flow, ask.body_hash, refusal)

    @workflow.signal(name=SUPERSEDED)
    async def superseded(self) -> None:
        """The same person has begun another change of username."""
        await self._ready()
        async with self._turn:
            self._flow.cancel()

    async def _begin(self) -> type[DecodeError] | None:
        order = self._order
        until = order.asked_at + LONGEST_FLOW
        begin = BeginUsernameChange(
            self._workflow_id, order.flow_id, order.user_id, order.new_username, order.asked_at, until
        )
        return await begin_change(
            self._flow, UsernameChangeActivities.begin, begin, give_up_at=until, refusals=REFUSALS
        )

    async def _swap(self, ask: ProveUsernameChange) -> type[DecodeError] | None:
        self._flow.leg.is_proved = True
        order = self._order
        swap = SwapUsername(
            self._workflow_id, order.user_id, order.new_username, workflow.now(), ask.device, ask.address_prefix
        )
        outcome = await quick_step(UsernameChangeActivities.swap, swap, STORE)
        if outcome is ChangeOutcome.DONE:
            self._flow.state = FlowState.COMPLETED
        return conclude(self._flow, outcome, REFUSALS)

    async def _tell_the_graph(self) -> None:
        await sync_graph(GraphSyncOrder(self._order.user_id, self._order.user_key))

    async def _release(self) -> None:
        release = ReleaseUsernameChange(self._workflow_id, self._order.user_id, self._order.new_username)
        await quick_step(UsernameChangeActivities.release, release, STORE)

    def _mail(self) -> MailOrder:
        order = self._order
        variables = {
            "username": order.username,
            "new_username": order.new_username,
            "minutes": str(order.code_life_seconds // 60),
        }
        return self._code_mail(MailKind.USERNAME_CHANGE_VERIFY, order.email_address, variables)
