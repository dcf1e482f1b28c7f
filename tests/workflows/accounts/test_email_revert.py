"""The way back to an old address: open for seven days, for whoever has the mail, and closed by nobody else."""

from datetime import timedelta

import pytest
from temporalio.client import WorkflowUpdateFailedError

from activities.accounts.email_revert import AddressReverted
from domain.accounts.identifier_changes import ChangeOutcome
from domain.delivery.mail import MailKind
from domain.errors import FlowClosed, WrongCode
from domain.flows import FlowState, NextStep
from tests.workflows.clients.email_change import Mover
from tests.workflows.clients.email_revert import USER_ID, Regretter
from tests.workflows.clients.flow_client import WRONG
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY, MONGO_REFUSES
from tests.workflows.fakes.identifier_changes import reverted
from tests.workflows.time_skipping import Clock, assert_at

SEVEN_DAYS = timedelta(days=7)
FIVE_QUIET_TRIES = timedelta(seconds=4)


async def test_mail_holds_the_id_and_names_the_code(regretter: Regretter, fakes: Fakes) -> None:
    order = await regretter.is_told()

    mail = await fakes.mail.ordered(MailKind.EMAIL_CHANGED)
    view = await regretter.looks()
    assert (mail.recipient, mail.variables["flow_id"]) == (regretter.email_address, regretter.flow_id)
    assert mail.give_up_at == order.changed_at + SEVEN_DAYS
    assert (view.state, view.next, view.expires_at) == (FlowState.WAITING, NextStep.EMAIL_CODE, mail.give_up_at)
    assert view.resend_available_at is None


async def test_right_code_takes_the_change_back_and_tells_the_owner(regretter: Regretter, fakes: Fakes) -> None:
    await regretter.is_told()

    answer = await regretter.types(regretter.code())

    (revert,) = fakes.email_revert.reverted.asked
    assert (answer.refusal, answer.view.state) == (None, FlowState.COMPLETED)
    assert (revert.owner, revert.user_id) == (regretter.workflow_id, USER_ID)
    assert revert.email_address == regretter.email_address
    notice = reverted(revert).notice
    assert notice
    assert await fakes.notices.closed.has_been_asked(times=1) == [notice.event_id]


async def test_code_is_right_on_the_last_day(regretter: Regretter, clock: Clock) -> None:
    await regretter.is_told()
    await clock.passes(SEVEN_DAYS - timedelta(hours=1))

    assert (await regretter.types(regretter.code())).refusal is None


async def test_way_back_is_closed_after_seven_days(regretter: Regretter, clock: Clock) -> None:
    order = await regretter.is_told()

    await clock.passes(SEVEN_DAYS + timedelta(seconds=1))

    assert (await regretter.end()).state is FlowState.EXPIRED
    assert_at(await regretter.ended_at(), order.changed_at + SEVEN_DAYS)


async def test_fifth_wrong_code_locks(regretter: Regretter, fakes: Fakes) -> None:
    await regretter.is_told()

    first = await regretter.types(WRONG)
    await regretter.types_wrong(times=4)

    assert (first.refusal, first.view.attempts_left) == (WrongCode.__name__, 4)
    assert (await regretter.end()).state is FlowState.LOCKED
    assert fakes.email_revert.reverted.asked == []


async def test_later_flows_are_told_that_they_are_over(
    regretter: Regretter, mover: Mover, clock: Clock, fakes: Fakes
) -> None:
    later = Regretter(regretter.client, clock)
    await mover.asks()
    await later.is_told()
    await regretter.is_told()
    closed = [mover.workflow_id, later.workflow_id, "email-revert/nobody"]
    fakes.email_revert.reverted.always_answers(
        lambda ask: AddressReverted(ChangeOutcome.DONE, reverted(ask).notice, closed)
    )

    await regretter.types(regretter.code())

    assert [(await each.end()).state for each in (mover, later)] == [FlowState.CANCELLED] * 2
    assert (await regretter.end()).state is FlowState.COMPLETED


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (ChangeOutcome.SUPERSEDED, FlowState.CANCELLED),
        (ChangeOutcome.TAKEN, FlowState.FAILED),
        (ChangeOutcome.GONE, FlowState.FAILED),
    ],
)
async def test_revert_that_comes_too_late_ends_the_flow(
    regretter: Regretter, fakes: Fakes, outcome: ChangeOutcome, state: FlowState
) -> None:
    fakes.email_revert.reverted.always_answers(lambda _: AddressReverted(outcome))
    await regretter.is_told()

    answer = await regretter.types(regretter.code())

    assert (answer.refusal, answer.view.state) == (FlowClosed.__name__, state)
    assert (await regretter.end()).state is state
    assert fakes.notices.written.asked == []


async def test_outage_shows_and_passes(regretter: Regretter, clock: Clock, fakes: Fakes) -> None:
    await regretter.is_told()
    fakes.email_revert.reverted.fails(MONGO_AWAY, times=12)
    typing = await regretter.begins_to_type(regretter.code())

    await clock.passes(FIVE_QUIET_TRIES)
    during = await regretter.blocked_on()
    answer = await clock.until(typing.result())

    assert during == "mongo"
    assert answer.refusal is None


async def test_refusal_for_good_ends_the_flow(regretter: Regretter, fakes: Fakes) -> None:
    fakes.email_revert.reverted.always_fails(MONGO_REFUSES)
    await regretter.is_told()

    with pytest.raises(WorkflowUpdateFailedError):
        await regretter.types(regretter.code())

    assert (await regretter.end()).state is FlowState.FAILED
