"""A change of username: the order of its steps, its outcomes, and that no change is made in part."""

from datetime import timedelta

import pytest
from temporalio.client import WorkflowUpdateFailedError

from activities.codes import CodeIssue
from activities.delivery.mail import MailInput
from domain.accounts.errors import UsernameCooldown, UsernameTaken
from domain.accounts.identifier_changes import ChangeOutcome, ChangeStarted
from domain.codes import CodePurpose
from domain.delivery.mail import MailKind
from domain.errors import DecodeError, DependencyUnavailable, FlowClosed, FlowExpired, WrongCode
from domain.flows import FlowState, NextStep
from tests.support.keys import CODES
from tests.workflows.clients.flow_client import WRONG
from tests.workflows.clients.username_change import NEW_NAME, USER_ID, UsernameChangeClient
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY, MONGO_REFUSES
from tests.workflows.time_skipping import Clock, assert_at

TEN_MINUTES = timedelta(minutes=10, seconds=1)
FIVE_QUIET_TRIES = timedelta(seconds=4)
AN_OUTAGE = 12


async def test_name_is_held_before_the_code_is_mailed(renamer: UsernameChangeClient, fakes: Fakes) -> None:
    answer = await renamer.starts()

    (begin,) = fakes.username_change.started.calls
    assert (begin.owner, begin.user_id, begin.username) == (renamer.workflow_id, USER_ID, NEW_NAME)
    assert (answer.view.state, answer.view.next, answer.view.attempts_left) == (
        FlowState.WAITING,
        NextStep.EMAIL_CODE,
        5,
    )
    assert answer.view.resend_available_at is None


async def test_mail_names_the_code_and_does_not_hold_it(renamer: UsernameChangeClient, fakes: Fakes) -> None:
    begun = await renamer.starts()

    assert await fakes.mail.ordered(MailKind.USERNAME_CHANGE_VERIFY) == MailInput(
        key=f"{renamer.workflow_id.replace('/', '.')}.code-1",
        kind=MailKind.USERNAME_CHANGE_VERIFY,
        recipient=renamer.email_address,
        variables={"username": renamer.username, "new_username": NEW_NAME, "minutes": "10"},
        code=CodeIssue(renamer.flow_id, CodePurpose.USERNAME_CHANGE_VERIFY, CODES.current_key_id, 1),
        give_up_at=begun.view.expires_at,
    )


async def test_right_code_swaps_and_starts_no_other_workflow(renamer: UsernameChangeClient, fakes: Fakes) -> None:
    await renamer.starts()

    answer = await renamer.types(renamer.code())

    (swap,) = fakes.username_change.applied.calls
    assert (answer.refusal, answer.view.state) == (None, FlowState.COMPLETED)
    assert (swap.owner, swap.user_id, swap.username) == (renamer.workflow_id, USER_ID, NEW_NAME)
    assert (await renamer.end()).state is FlowState.COMPLETED
    assert await renamer.children() == []
    assert fakes.username_change.released.calls == []


@pytest.mark.parametrize(
    ("outcome", "refusal", "state"),
    [
        (ChangeOutcome.TAKEN, UsernameTaken, FlowState.FAILED),
        (ChangeOutcome.TOO_SOON, UsernameCooldown, FlowState.FAILED),
        (ChangeOutcome.GONE, FlowClosed, FlowState.FAILED),
        (ChangeOutcome.SUPERSEDED, FlowClosed, FlowState.CANCELLED),
    ],
)
async def test_change_that_cannot_begin_mails_nothing(
    renamer: UsernameChangeClient, fakes: Fakes, outcome: ChangeOutcome, refusal: type[DecodeError], state: FlowState
) -> None:
    fakes.username_change.started.always_returns(lambda _: ChangeStarted(outcome))

    answer = await renamer.starts()

    assert (answer.refusal, answer.view.state) == (refusal.__name__, state)
    assert (await renamer.end()).state is state
    assert fakes.mail.recorded.calls == []


@pytest.mark.parametrize(
    ("outcome", "refusal", "state"),
    [
        (ChangeOutcome.TAKEN, UsernameTaken, FlowState.FAILED),
        (ChangeOutcome.TOO_SOON, UsernameCooldown, FlowState.FAILED),
        (ChangeOutcome.GONE, FlowClosed, FlowState.FAILED),
        (ChangeOutcome.SUPERSEDED, FlowClosed, FlowState.CANCELLED),
    ],
)
async def test_swap_that_fails_ends_the_flow_and_frees_the_name(
    renamer: UsernameChangeClient, fakes: Fakes, outcome: ChangeOutcome, refusal: type[DecodeError], state: FlowState
) -> None:
    fakes.username_change.applied.always_returns(lambda _: outcome)
    await renamer.starts()

    answer = await renamer.types(renamer.code())

    assert (answer.refusal, answer.view.state) == (refusal.__name__, state)
    assert (await renamer.end()).state is state
    assert {release.owner for release in fakes.username_change.released.calls} == {renamer.workflow_id}


async def test_wrong_code_costs_an_attempt_and_the_fifth_locks(renamer: UsernameChangeClient, fakes: Fakes) -> None:
    await renamer.starts()

    first = await renamer.types(WRONG)
    last = await renamer.types_wrong(times=4)

    assert (first.refusal, first.view.attempts_left) == (WrongCode.__name__, 4)
    assert (last.refusal, last.view.attempts_left) == (WrongCode.__name__, 0)
    assert (await renamer.end()).state is FlowState.LOCKED
    assert fakes.username_change.released.calls


async def test_unanswered_flow_expires_and_frees_the_name(
    renamer: UsernameChangeClient, clock: Clock, fakes: Fakes
) -> None:
    begun = await renamer.starts()

    await clock.advance(TEN_MINUTES)

    assert (await renamer.end()).state is FlowState.EXPIRED
    assert_at(await renamer.ended_at(), begun.view.expires_at)
    assert fakes.username_change.released.calls


async def test_code_typed_after_the_deadline_by_request_time_is_too_late(renamer: UsernameChangeClient) -> None:
    renamer.code_life = timedelta(seconds=-1)
    await renamer.starts()

    answer = await renamer.types(renamer.code())

    assert answer.refusal == FlowExpired.__name__


async def test_cancelled_flow_frees_the_name(renamer: UsernameChangeClient, fakes: Fakes) -> None:
    await renamer.starts()

    answer = await renamer.cancels()

    assert (answer.refusal, answer.view.state) == (None, FlowState.CANCELLED)
    assert (await renamer.end()).state is FlowState.CANCELLED
    assert fakes.username_change.released.calls


async def test_superseded_flow_is_cancelled(renamer: UsernameChangeClient, fakes: Fakes) -> None:
    await renamer.starts()

    await renamer.is_superseded()

    assert (await renamer.end()).state is FlowState.CANCELLED
    assert fakes.username_change.applied.calls == []


async def test_newer_flow_signals_the_older_one(renamer: UsernameChangeClient, clock: Clock, fakes: Fakes) -> None:
    newer = UsernameChangeClient(renamer.client, clock)
    await renamer.starts()
    fakes.username_change.started.always_returns(lambda _: ChangeStarted(ChangeOutcome.DONE, renamer.workflow_id))

    await newer.starts()

    assert (await renamer.end()).state is FlowState.CANCELLED
    assert (await newer.gets_status()).state is FlowState.WAITING


async def test_superseding_during_the_swap_is_too_late(renamer: UsernameChangeClient, fakes: Fakes) -> None:
    await renamer.starts()
    fakes.username_change.applied.fail(MONGO_AWAY, times=1)
    fakes.username_change.applied.hang()
    typing = await renamer.begins_to_type(renamer.code())
    await fakes.username_change.applied.wait_called(times=2)

    await renamer.is_superseded()
    fakes.username_change.applied.resume()

    assert (await typing.result()).refusal is None
    assert (await renamer.end()).state is FlowState.COMPLETED


async def test_outage_during_the_swap_shows_and_passes(
    renamer: UsernameChangeClient, clock: Clock, fakes: Fakes
) -> None:
    await renamer.starts()
    fakes.username_change.applied.fail(MONGO_AWAY, times=AN_OUTAGE)
    typing = await renamer.begins_to_type(renamer.code())

    await clock.advance(FIVE_QUIET_TRIES)
    during = await renamer.blocked_on()
    answer = await clock.advance_until(typing.result())

    assert during == "mongo"
    assert answer.refusal is None
    assert await renamer.blocked_on() is None


async def test_beginning_that_is_refused_for_good_ends_the_flow(renamer: UsernameChangeClient, fakes: Fakes) -> None:
    fakes.username_change.started.always_fail(MONGO_REFUSES)

    answer = await renamer.starts()

    assert answer.refusal == DependencyUnavailable.__name__
    assert (await renamer.end()).state is FlowState.FAILED


async def test_swap_that_is_refused_for_good_ends_the_flow(renamer: UsernameChangeClient, fakes: Fakes) -> None:
    fakes.username_change.applied.always_fail(MONGO_REFUSES)
    await renamer.starts()

    with pytest.raises(WorkflowUpdateFailedError):
        await renamer.types(renamer.code())

    assert (await renamer.end()).state is FlowState.FAILED
