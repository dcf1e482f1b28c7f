"""UsernameChange: hold the new username, verify the address by a code, swap the names."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from temporalio import workflow

from activities.accounts.username_change import (
    ApplyUsernameChange,
    BeginUsernameChange,
    FinishUsernameChange,
    ReleaseUsernameChange,
    UsernameChangeActivities,
)
from activities.delivery.mail import MailInput
from domain.accounts.errors import UsernameCooldown, UsernameTaken
from domain.accounts.identifier_changes import ChangeOutcome, apply_outcome
from domain.codes import MAX_FLOW_DURATION, CodeChallenge, CodePurpose
from domain.delivery.mail import MailKind
from domain.errors import DecodeError
from domain.flow_progress import FlowProgress
from domain.flows import FlowKind, FlowState, FlowView, NextStep
from workflows.accounts.identifier_changes import begin_change
from workflows.accounts.identifier_changes_before import finish_before, sync_graph_before
from workflows.activity_options import STORE
from workflows.code_flow import ClientCodeFlow
from workflows.codes import prove
from workflows.delivery.mailing_flow import MailingFlow
from workflows.flows import SUPERSEDED, FlowAnswer, build_answer, fail_flow_on_error, wait_until_closed
from workflows.handlers import update
from workflows.steps import run_inline_activity

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
class UsernameChange(ClientCodeFlow, MailingFlow):
    """One change of username. Returns the closed flow."""

    can_be_signalled: ClassVar[bool] = True

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
        self._user_id = input.user_id

    @workflow.run
    async def run(self, input: UsernameChangeInput) -> FlowView:
        """Run one change. The swap is one step: before it nothing has changed, after it everything has."""
        self._refusal = await self._begin()
        if self._refusal is None:
            self._flow.state = FlowState.WAITING
            await self._send(self._mail())
            await wait_until_closed(self._flow)
            await self._clean_up()
        return await self._close()

    @update(name="verify")
    async def verify(self, command: ProveUsernameChange) -> FlowAnswer:
        """Check one typed code. The right one swaps the names."""
        await self._ready()
        async with self._turn:
            with fail_flow_on_error(self._flow):
                refusal = await self._finish(command)
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

    async def _finish(self, command: ProveUsernameChange) -> type[DecodeError] | None:
        """Check the code and swap the names, in one step. The attempt is counted before it."""
        finish = FinishUsernameChange(self._check(command.proof), self._change(command))
        if self._is_one_workflow:
            outcome = await prove(self._flow, UsernameChangeActivities.finish, finish, command.asked_at)
        else:
            swap = UsernameChangeActivities.apply
            outcome = await finish_before(self._flow, finish.check, swap, finish.change, command.asked_at)
        if not isinstance(outcome, ChangeOutcome):
            return outcome
        if outcome is ChangeOutcome.DONE:
            self._flow.state = FlowState.COMPLETED
        return apply_outcome(self._flow, outcome, REFUSALS)

    def _change(self, command: ProveUsernameChange) -> ApplyUsernameChange:
        input, now = self._input, workflow.now()
        return ApplyUsernameChange(
            self._workflow_id, input.user_id, input.new_username, now, command.device, command.address_prefix
        )

    async def _clean_up(self) -> None:
        """Release the name, unless it was changed."""
        input = self._input
        if self._flow.state is not FlowState.COMPLETED:
            release = ReleaseUsernameChange(self._workflow_id, input.user_id, input.new_username)
            await run_inline_activity(UsernameChangeActivities.release, release, STORE)
        elif not self._is_one_workflow:
            await sync_graph_before(input.user_id, input.user_key)

    def _mail(self) -> MailInput:
        input = self._input
        variables = {
            "username": input.username,
            "new_username": input.new_username,
            "minutes": str(input.code_life_seconds // 60),
        }
        return self._code_mail(MailKind.USERNAME_CHANGE_VERIFY, input.email_address, variables)
