"""The revert of a change of address: open for seven days, usable only with the mail to the old address."""

from datetime import timedelta

import pytest
from temporalio.client import WorkflowUpdateFailedError

from activities.accounts.email_revert import EmailReverted
from domain.accounts.identifier_changes import ChangeOutcome
from domain.delivery.mail import MailKind
from domain.errors import FlowClosed, WrongCode
from domain.flows import FlowState, NextStep
from tests.workflows.clients.email_change import EmailChangeClient
from tests.workflows.clients.email_revert import USER_ID, EmailRevertClient
from tests.workflows.clients.flow_client import WRONG
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY, MONGO_REFUSES
from tests.workflows.fakes.identifier_changes import email_reverted
from tests.workflows.time_skipping import Clock, assert_at

SEVEN_DAYS = timedelta(days=7)
FIVE_QUIET_TRIES = timedelta(seconds=4)


async def test_mail_holds_the_id_and_names_the_code(regretter: EmailRevertClient, fakes: Fakes) -> None:
    order = await regretter.starts()

    mail = await fakes.mail.ordered(MailKind.EMAIL_CHANGED)
    view = await regretter.gets_status()
    assert (mail.recipient, mail.variables["flow_id"]) == (regretter.email_address, regretter.flow_id)
    assert mail.give_up_at == order.changed_at + SEVEN_DAYS
    assert (view.state, view.next, view.expires_at) == (FlowState.WAITING, NextStep.EMAIL_CODE, mail.give_up_at)
    assert view.resend_available_at is None


async def test_right_code_reverts_the_change_and_notifies_the_owner(regretter: EmailRevertClient, fakes: Fakes) -> None:
    await regretter.starts()

    answer = await regretter.types(regretter.code())

    (revert,) = fakes.email_revert.reverted.calls
    assert (answer.refusal, answer.view.state) == (None, FlowState.COMPLETED)
    assert (revert.owner, revert.user_id) == (regretter.workflow_id, USER_ID)
    assert revert.email_address == regretter.email_address
    notice = email_reverted(revert).notice
    assert notice
    assert (await regretter.end()).state is FlowState.COMPLETED
    assert fakes.notices.closed.calls == [notice.event_id]
    assert await regretter.children() == []


async def test_code_is_right_on_the_last_day(regretter: EmailRevertClient, clock: Clock) -> None:
    await regretter.starts()
    await clock.advance(SEVEN_DAYS - timedelta(hours=1))

    assert (await regretter.types(regretter.code())).refusal is None


async def test_way_back_is_closed_after_seven_days(regretter: EmailRevertClient, clock: Clock) -> None:
    order = await regretter.starts()

    await clock.advance(SEVEN_DAYS + timedelta(seconds=1))

    assert (await regretter.end()).state is FlowState.EXPIRED
    assert_at(await regretter.ended_at(), order.changed_at + SEVEN_DAYS)


async def test_fifth_wrong_code_locks(regretter: EmailRevertClient, fakes: Fakes) -> None:
    await regretter.starts()

    first = await regretter.types(WRONG)
    await regretter.types_wrong(times=4)

    assert (first.refusal, first.view.attempts_left) == (WrongCode.__name__, 4)
    assert (await regretter.end()).state is FlowState.LOCKED
    assert fakes.email_revert.reverted.calls == []


async def test_later_flows_are_signalled_to_end(
    regretter: EmailRevertClient, mover: EmailChangeClient, clock: Clock, fakes: Fakes
) -> None:
    later = EmailRevertClient(regretter.client, clock)
    await mover.starts()
    await later.starts()
    await regretter.starts()
    closed = [mover.workflow_id, later.workflow_id, "email-revert/unknown"]
    fakes.email_revert.reverted.always_returns(
        lambda ask: EmailReverted(ChangeOutcome.DONE, email_reverted(ask).notice, closed)
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
    regretter: EmailRevertClient, fakes: Fakes, outcome: ChangeOutcome, state: FlowState
) -> None:
    fakes.email_revert.reverted.always_returns(lambda _: EmailReverted(outcome))
    await regretter.starts()

    answer = await regretter.types(regretter.code())

    assert (answer.refusal, answer.view.state) == (FlowClosed.__name__, state)
    assert (await regretter.end()).state is state
    assert fakes.notices.written.calls == []


async def test_outage_shows_and_passes(regretter: EmailRevertClient, clock: Clock, fakes: Fakes) -> None:
    await regretter.starts()
    fakes.email_revert.reverted.fail(MONGO_AWAY, times=12)
    typing = await regretter.begins_to_type(regretter.code())

    await clock.advance(FIVE_QUIET_TRIES)
    during = await regretter.blocked_on()
    answer = await clock.advance_until(typing.result())

    assert during == "mongo"
    assert answer.refusal is None


async def test_refusal_for_good_ends_the_flow(regretter: EmailRevertClient, fakes: Fakes) -> None:
    fakes.email_revert.reverted.always_fail(MONGO_REFUSES)
    await regretter.starts()

    with pytest.raises(WorkflowUpdateFailedError):
        await regretter.types(regretter.code())

    assert (await regretter.end()).state is FlowState.FAILED
