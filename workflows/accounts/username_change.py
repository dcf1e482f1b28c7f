"""UsernameChange: hold the new username, verify the address by a code, swap the names, sync the graph."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio import workflow

from activities.accounts.username_change import (
    ApplyUsernameChange,
    BeginUsernameChange,
    ReleaseUsernameChange,
    UsernameChangeActivities,
)
from activities.delivery.mail import MailInput
from activities.users.graph_sync import GraphSyncInput
from domain.accounts.errors import UsernameCooldown, UsernameTaken
from domain.accounts.identifier_changes import ChangeOutcome, apply_outcome
from domain.codes import MAX_FLOW_DURATION, CodeChallenge, CodePurpose
from domain.delivery.mail import MailKind
from domain.errors import DecodeError
from domain.flow_progress import FlowProgress
from domain.flows import FlowKind, FlowState, FlowView, NextStep
from workflows.accounts.identifier_changes import begin_change
from workflows.activity_options import STORE
from workflows.code_flow import ClientCodeFlow
from workflows.delivery.mail import send_mail
from workflows.flows import (
    SUPERSEDED,
    FlowAnswer,
    build_answer,
    close_flow_before,
    fail_flow_on_error,
    wait_until_closed,
)
from workflows.handlers import update
from workflows.steps import run_inline_activity
from workflows.users.graph_sync import start_or_wake_graph_sync

REFUSALS: dict[ChangeOutcome, type[DecodeError]] = {
    ChangeOutcome.TAKEN: UsernameTaken,
    ChangeOutcome.TOO_SOON: UsernameCooldown,
}


@dataclass(frozen=True)
class UsernameChangeInput:
    """All that the flow needs. `user_key`: the user in workflow ids; `email_address`: the current one, for the code.

    `epoch`: the caller's session epoch; None in a change older than the field.
    """

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
    epoch: int | None = None


@dataclass(frozen=True)
class ProveUsernameChange:
    """`proof` is the keyed hash of the typed code; `device` and `address_prefix`: where it was typed."""

    proof: str
    asked_at: datetime
    body_hash: str
    device: str
    address_prefix: str


@workflow.defn(name="UsernameChange")
class UsernameChange(ClientCodeFlow):
    """One change of username. Returns the closed flow."""

    @workflow.init
    def __init__(self, input: UsernameChangeInput) -> None:
        self._input = input
        challenge = CodeChallenge(input.asked_at, timedelta(seconds=input.code_life_seconds))
        super().__init__(
            FlowProgress(
                input.flow_id, FlowKind.USERNAME_CHANGE, challenge, NextStep.EMAIL_CODE, FlowState.RUNNING, resends=()
            ),
            CodePurpose.USERNAME_CHANGE_VERIFY,
            key_id=input.key_id,
            locale=input.locale,
            body_hash=input.body_hash,
        )

    @workflow.run
    async def run(self, input: UsernameChangeInput) -> FlowView:
        """Run one change. The swap is one step: before it nothing has changed, after it everything has."""
        self._refusal = await self._begin()
        if self._refusal is None:
            self._flow.state = FlowState.WAITING
            await send_mail(self._mail())
            await wait_until_closed(self._flow)
            await (self._sync_graph() if self._flow.state is FlowState.COMPLETED else self._release())
        return await close_flow_before(self._flow)

    @update(name="verify")
    async def verify(self, command: ProveUsernameChange) -> FlowAnswer:
        """Check one typed code. The right one swaps the names."""
        await self._ready()
        async with self._turn:
            with fail_flow_on_error(self._flow):
                refusal = await self._judge_code(command.proof, command.asked_at) or await self._apply_change(command)
            return build_answer(self._flow, command.body_hash, refusal)

    @workflow.signal(name=SUPERSEDED)
    async def superseded(self) -> None:
        """Cancel the flow: the same user has started another change of username."""
        await self._ready()
        async with self._turn:
            self._flow.cancel()

    async def _begin(self) -> type[DecodeError] | None:
        input = self._input
        until = input.asked_at + MAX_FLOW_DURATION
        begin = BeginUsernameChange(
            self._workflow_id, input.flow_id, input.user_id, input.new_username, input.asked_at, until, input.epoch
        )
        return await begin_change(
            self._flow, UsernameChangeActivities.begin, begin, give_up_at=until, refusals=REFUSALS
        )

    async def _apply_change(self, command: ProveUsernameChange) -> type[DecodeError] | None:
        self._flow.challenge.is_proved = True
        input = self._input
        swap = ApplyUsernameChange(
            self._workflow_id, input.user_id, input.new_username, workflow.now(), command.device, command.address_prefix
        )
        outcome = await run_inline_activity(UsernameChangeActivities.apply, swap, STORE)
        if outcome is ChangeOutcome.DONE:
            self._flow.state = FlowState.COMPLETED
        return apply_outcome(self._flow, outcome, REFUSALS)

    async def _sync_graph(self) -> None:
        await start_or_wake_graph_sync(GraphSyncInput(self._input.user_id, self._input.user_key))

    async def _release(self) -> None:
        release = ReleaseUsernameChange(self._workflow_id, self._input.user_id, self._input.new_username)
        await run_inline_activity(UsernameChangeActivities.release, release, STORE)

    def _mail(self) -> MailInput:
        input = self._input
        variables = {
            "username": input.username,
            "new_username": input.new_username,
            "minutes": str(input.code_life_seconds // 60),
        }
        return self._code_mail(MailKind.USERNAME_CHANGE_VERIFY, input.email_address, variables)
