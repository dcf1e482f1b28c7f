"""A change of mail address: three code challenges, the mails to each address, and the outcomes."""

from datetime import timedelta

import pytest

from activities.codes import CodeIssue
from activities.delivery.mail import MailInput
from domain.accounts.errors import EmailChangeBarred
from domain.accounts.identifier_changes import ChangeOutcome, ChangeStarted
from domain.auth.errors import SessionRevoked
from domain.codes import CodePurpose
from domain.delivery.mail import MailKind
from domain.errors import DecodeError, FlowClosed, ResendTooSoon, WrongCode, WrongStep
from domain.flows import FlowKind, FlowState, NextStep
from tests.support.keys import CODES
from tests.workflows.clients.email_change import NEW_ADDRESS, SESSION_ID, USER_ID, EmailChangeClient
from tests.workflows.clients.flow_client import WRONG
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY
from tests.workflows.fakes.identifier_changes import email_change_applied
from tests.workflows.time_skipping import Clock, assert_at
from workflows.search_attributes import FLOW_KIND, SUBJECT_HASH

A_MINUTE = timedelta(seconds=61)
TEN_MINUTES = timedelta(minutes=10, seconds=1)
TAKEN = MailInput("address-taken.bob.20260102", MailKind.ADDRESS_TAKEN, "bob@people.test")


async def test_each_leg_says_what_comes_next(mover: EmailChangeClient) -> None:
    begun = await mover.starts()
    proved = await mover.types(mover.code())
    named = await mover.enters_new_email()

    legs = [answer.view for answer in (begun, proved, named)]
    assert [leg.next for leg in legs] == [NextStep.EMAIL_CODE, NextStep.NEW_EMAIL, NextStep.NEW_EMAIL_CODE]
    assert [leg.attempts_left for leg in legs] == [5, 5, 5]
    assert [leg.resend_available_at is None for leg in legs] == [True, True, False]


async def test_codes_go_to_the_old_address_then_to_the_new_one(mover: EmailChangeClient, fakes: Fakes) -> None:
    await mover.has_entered_new_email()

    old = await fakes.mail.ordered(MailKind.EMAIL_CHANGE_VERIFY)
    new = await fakes.mail.ordered(MailKind.NEW_EMAIL_CHANGE_VERIFY)
    assert (old.recipient, new.recipient) == (mover.email_address, NEW_ADDRESS)
    key_id = CODES.current_key_id
    assert old.code == CodeIssue(mover.flow_id, CodePurpose.EMAIL_CHANGE_VERIFY, key_id, 1)
    assert new.code == CodeIssue(mover.flow_id, CodePurpose.NEW_EMAIL_CHANGE_VERIFY, key_id, 1)


async def test_right_codes_swap_for_the_session_that_asked(mover: EmailChangeClient, fakes: Fakes) -> None:
    await mover.has_entered_new_email()

    answer = await mover.types_new(mover.new_code())

    (swap,) = fakes.email_change.applied.calls
    assert (answer.refusal, answer.view.state) == (None, FlowState.COMPLETED)
    assert (swap.owner, swap.user_id, swap.email_address) == (mover.workflow_id, USER_ID, NEW_ADDRESS)
    assert swap.session_id == SESSION_ID
    assert (await mover.end()).state is FlowState.COMPLETED
    assert await mover.children() == ["Mail", "EmailRevert"]
    assert fakes.email_change.released.calls == []


async def test_old_address_is_offered_the_way_back(mover: EmailChangeClient, fakes: Fakes) -> None:
    await mover.has_entered_new_email()
    await mover.types_new(mover.new_code())

    notice = await fakes.mail.ordered(MailKind.EMAIL_CHANGED)

    (swap,) = fakes.email_change.applied.calls
    ticket = email_change_applied(swap)
    way_back = await mover.client.get_workflow_handle(ticket.revert_id).describe()
    assert notice.recipient == mover.email_address
    assert notice.variables["flow_id"] == ticket.revert_flow_id
    assert notice.code == CodeIssue(ticket.revert_flow_id, CodePurpose.EMAIL_REVERT, CODES.current_key_id, 1)
    assert notice.give_up_at == swap.now + timedelta(days=7)
    marks = way_back.typed_search_attributes
    assert marks.get(FLOW_KIND) == FlowKind.EMAIL_REVERT
    assert marks.get(SUBJECT_HASH) == (await mover.flow.describe()).typed_search_attributes.get(SUBJECT_HASH)


async def test_steps_out_of_turn_are_refused(mover: EmailChangeClient) -> None:
    await mover.starts()
    early = [await mover.enters_new_email(), await mover.types_new(mover.new_code())]
    await mover.types(mover.code())

    late = await mover.types(mover.code())

    assert [answer.refusal for answer in (*early, late)] == [WrongStep.__name__] * 3


async def test_another_address_within_a_minute_is_refused(mover: EmailChangeClient, fakes: Fakes) -> None:
    named = await mover.has_entered_new_email()

    answer = await mover.enters_new_email("ann@third.test")

    assert (answer.refusal, answer.view) == (ResendTooSoon.__name__, named.view)
    assert [wanted.email_address for wanted in fakes.email_change.holder_found.calls] == [NEW_ADDRESS]


async def test_another_address_after_a_minute_voids_the_code_of_the_first(
    mover: EmailChangeClient, fakes: Fakes
) -> None:
    await mover.has_entered_new_email()
    await mover.waits_and_enters_new_email(A_MINUTE, "ann@third.test")

    older = await mover.types_new(mover.new_code(issue_no=1))
    newest = await mover.types_new(mover.new_code(issue_no=2))

    assert (older.refusal, newest.refusal) == (WrongCode.__name__, None)
    assert fakes.email_change.applied.calls[0].email_address == "ann@third.test"


async def test_naming_again_gives_no_attempt_back(mover: EmailChangeClient) -> None:
    await mover.has_entered_new_email()
    for _ in range(4):
        await mover.types_new(WRONG)

    named = await mover.waits_and_enters_new_email(A_MINUTE)
    last = await mover.types_new(WRONG)

    assert named.view.attempts_left == 1
    assert last.view.state is FlowState.LOCKED


async def test_taken_address_takes_the_same_steps_and_no_code_is_right(mover: EmailChangeClient, fakes: Fakes) -> None:
    other = EmailChangeClient(mover.client, mover.clock)
    honest = await other.has_entered_new_email()
    fakes.email_change.holder_found.always_returns(lambda _: TAKEN)

    named = await mover.has_entered_new_email()
    answer = await mover.types_new(mover.new_code())

    shape = ("state", "next", "attempts_left")
    assert [getattr(named.view, name) for name in shape] == [getattr(honest.view, name) for name in shape]
    assert (answer.refusal, answer.view.attempts_left) == (WrongCode.__name__, 4)
    assert await fakes.mail.ordered(MailKind.ADDRESS_TAKEN) == TAKEN
    assert await mover.children() == await other.children() == ["Mail"]
    recipients = [mail.recipient for mail in fakes.mail.recorded.calls]
    assert recipients.count(NEW_ADDRESS) == 1
    assert fakes.email_change.applied.calls == []


async def test_free_address_after_a_taken_one_can_be_had(mover: EmailChangeClient, fakes: Fakes) -> None:
    fakes.email_change.holder_found.returns_next(lambda _: TAKEN)
    await mover.has_entered_new_email()
    await mover.waits_and_enters_new_email(A_MINUTE, "ann@third.test")

    assert (await mover.types_new(mover.new_code(issue_no=2))).refusal is None


async def test_loser_of_a_race_gets_wrong_code_from_then_on(mover: EmailChangeClient, fakes: Fakes) -> None:
    fakes.email_change.applied.always_returns(lambda ask: email_change_applied(ask, ChangeOutcome.TAKEN))
    await mover.has_entered_new_email()

    answers = [await mover.types_new(mover.new_code()) for _ in range(5)]

    assert [answer.refusal for answer in answers] == [WrongCode.__name__] * 5
    assert len(fakes.email_change.applied.calls) == 1
    assert (await mover.end()).state is FlowState.LOCKED


@pytest.mark.parametrize(
    ("outcome", "refusal", "state"),
    [
        (ChangeOutcome.SIGNED_OUT, SessionRevoked, FlowState.FAILED),
        (ChangeOutcome.GONE, FlowClosed, FlowState.FAILED),
        (ChangeOutcome.SUPERSEDED, FlowClosed, FlowState.CANCELLED),
    ],
)
async def test_swap_that_fails_offers_no_way_back(
    mover: EmailChangeClient, fakes: Fakes, outcome: ChangeOutcome, refusal: type[DecodeError], state: FlowState
) -> None:
    fakes.email_change.applied.always_returns(lambda ask: email_change_applied(ask, outcome))
    await mover.has_entered_new_email()

    answer = await mover.types_new(mover.new_code())

    assert (answer.refusal, answer.view.state) == (refusal.__name__, state)
    assert (await mover.end()).state is state
    assert fakes.email_change.released.calls
    assert MailKind.EMAIL_CHANGED not in {mail.kind for mail in fakes.mail.recorded.calls}


async def test_barred_account_begins_nothing(mover: EmailChangeClient, fakes: Fakes) -> None:
    fakes.email_change.started.always_returns(lambda _: ChangeStarted(ChangeOutcome.BARRED))

    answer = await mover.starts()

    assert answer.refusal == EmailChangeBarred.__name__
    assert (await mover.end()).state is FlowState.FAILED
    assert fakes.mail.recorded.calls == []


async def test_new_address_must_be_named_within_ten_minutes(mover: EmailChangeClient, clock: Clock) -> None:
    await mover.starts()
    await clock.advance(timedelta(minutes=5))
    proved = await mover.types(mover.code())

    await clock.advance(TEN_MINUTES)

    assert (await mover.end()).state is FlowState.EXPIRED
    assert_at(await mover.ended_at(), proved.view.expires_at)


async def test_nothing_outlives_an_hour(mover: EmailChangeClient, clock: Clock) -> None:
    begun = await mover.starts()
    await clock.advance(timedelta(minutes=9))
    await mover.types(mover.code())
    await clock.advance(timedelta(minutes=9))
    await mover.enters_new_email()
    answers = [await mover.waits_and_enters_new_email(timedelta(minutes=9)) for _ in range(4)]

    assert begun.view.expires_at
    end = begun.view.expires_at + timedelta(minutes=50)
    assert answers[-1].view.expires_at == end
    await clock.advance(timedelta(minutes=7))
    assert (await mover.end()).state is FlowState.EXPIRED
    assert_at(await mover.ended_at(), end)


async def test_cancelled_flow_changes_nothing(mover: EmailChangeClient, fakes: Fakes) -> None:
    await mover.has_entered_new_email()

    answer = await mover.cancels()

    assert (answer.refusal, answer.view.state) == (None, FlowState.CANCELLED)
    assert (await mover.end()).state is FlowState.CANCELLED
    assert fakes.email_change.applied.calls == []


async def test_newer_flow_supersedes_the_older_one(mover: EmailChangeClient, clock: Clock, fakes: Fakes) -> None:
    newer = EmailChangeClient(mover.client, clock)
    await mover.has_entered_new_email()
    fakes.email_change.started.always_returns(lambda _: ChangeStarted(ChangeOutcome.DONE, mover.workflow_id))

    await newer.starts()

    assert (await mover.end()).state is FlowState.CANCELLED
    assert (await newer.gets_status()).state is FlowState.WAITING


async def test_swap_stops_the_deadline(mover: EmailChangeClient, clock: Clock, fakes: Fakes) -> None:
    await mover.has_entered_new_email()
    await clock.advance(timedelta(minutes=9, seconds=55))
    fakes.email_change.applied.fail(MONGO_AWAY, times=20)

    typing = await mover.begins_to_type_new(mover.new_code())
    await clock.advance(timedelta(minutes=1))
    during = await mover.gets_status()
    fakes.email_change.applied.always_returns(lambda ask: email_change_applied(ask, ChangeOutcome.GONE))
    await clock.advance_until(typing.result())

    assert during.state is FlowState.WAITING
    assert (await mover.end()).state is FlowState.FAILED
