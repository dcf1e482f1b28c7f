"""AccountDeletion with skipped time: thirty days, two reminders, and back at any moment before the end."""

from datetime import timedelta

from temporalio.client import Client

from domain.accounts.account_deletion import GRACE_PERIOD, DeletionStatus
from domain.delivery.mail import MailKind
from tests.workflows.clients.account_deletion import KEY, LATER_KEY, USER_ID, AccountDeletionClient
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY, NEO4J_AWAY
from tests.workflows.time_skipping import Clock, assert_at
from workflows.accounts.account_deletion import AccountDeletion
from workflows.operations.sweep import Sweep
from workflows.queues import Queue

DEACTIVATED = (MailKind.ACCOUNT_DEACTIVATED, "deactivated")
SEVEN_DAYS = (MailKind.ACCOUNT_DELETION_REMINDER, "reminder-7")
ONE_DAY = (MailKind.ACCOUNT_DELETION_REMINDER, "reminder-1")
FIVE_QUIET_TRIES = timedelta(seconds=10)


async def test_leaving_hides_at_once_and_says_until_when(leaver: AccountDeletionClient, fakes: Fakes) -> None:
    await leaver.deactivates()

    letter = await fakes.mail.ordered(MailKind.ACCOUNT_DEACTIVATED)
    assert fakes.deletion.account
    assert fakes.deletion.account.deletion_at
    assert letter.variables["date"] == f"{fakes.deletion.account.deletion_at:%d %B %Y}"
    assert letter.recipient == "ann@people.test"
    assert fakes.deletion.hidden.calls == [USER_ID]
    assert [(close.key, close.standing) for close in fakes.deletion.closed.calls] == [(KEY, DeletionStatus.LEAVING)]


async def test_hiding_goes_on_until_nothing_is_left(leaver: AccountDeletionClient, fakes: Fakes) -> None:
    fakes.deletion.hidden.returns_next(lambda _: False, lambda _: False)

    await leaver.deactivates()

    assert len(fakes.deletion.hidden.calls) == 3


async def test_account_is_erased_after_thirty_days_with_two_reminders(
    leaver: AccountDeletionClient, clock: Clock, fakes: Fakes
) -> None:
    left_at = await clock.now()
    await leaver.deactivates()

    end = await clock.advance_until(leaver.end(), step=timedelta(days=1))

    assert end is DeletionStatus.ERASED
    assert [mail[0] for mail in await leaver.mails()][-1] is MailKind.ACCOUNT_DELETED
    assert (await leaver.mails())[:-1] == [DEACTIVATED, SEVEN_DAYS, ONE_DAY]
    (burial,) = fakes.erasure.tombstones_written.calls
    assert_at(burial.now, left_at + GRACE_PERIOD)
    assert fakes.erasure.erased.calls == [USER_ID]
    assert len(fakes.erasure.finished.calls) == 1
    assert await leaver.listed_state() == "completed"


async def test_nothing_is_erased_before_its_time(leaver: AccountDeletionClient, fakes: Fakes) -> None:
    await leaver.deactivates()

    await leaver.waits(days=29.9)

    assert fakes.erasure.tombstones_written.calls == []


async def test_address_is_forgotten_only_after_the_last_mail(
    leaver: AccountDeletionClient, clock: Clock, fakes: Fakes
) -> None:
    fakes.mail.sent.fail(MONGO_AWAY, times=8)
    await leaver.deactivates()

    await clock.advance_until(leaver.end(), step=timedelta(days=1))

    assert [order.kind for order in fakes.mail.sent.calls][-1] is MailKind.ACCOUNT_DELETED
    assert len(fakes.erasure.finished.calls) == 1


async def test_back_on_day_29_nothing_is_erased_and_all_is_shown(leaver: AccountDeletionClient, fakes: Fakes) -> None:
    await leaver.deactivates()
    await leaver.waits(days=29)

    heard = await leaver.reactivates()

    assert heard is DeletionStatus.BACK
    assert await leaver.end() is DeletionStatus.BACK
    assert await leaver.listed_state() == "cancelled"
    assert fakes.deletion.shown.calls == [USER_ID]
    assert fakes.deletion.closed.calls[-1].standing is DeletionStatus.BACK
    assert fakes.erasure.tombstones_written.calls == []


async def test_reminder_is_given_up_when_the_account_is_erased(leaver: AccountDeletionClient, fakes: Fakes) -> None:
    await leaver.deactivates()
    await leaver.waits(days=29.5)

    reminders = [await fakes.mail.ordered(MailKind.ACCOUNT_DELETION_REMINDER, number) for number in (1, 2)]

    assert fakes.deletion.account
    assert [reminder.give_up_at for reminder in reminders] == [fakes.deletion.account.deletion_at] * 2


async def test_back_before_the_first_reminder_there_is_none(leaver: AccountDeletionClient) -> None:
    await leaver.deactivates()
    await leaver.waits(days=22)

    await leaver.reactivates()

    await leaver.end()
    assert await leaver.mails() == [DEACTIVATED]


async def test_return_without_a_signal_is_seen_before_the_next_reminder(
    leaver: AccountDeletionClient, clock: Clock
) -> None:
    await leaver.deactivates()
    leaver.fakes.deletion.has_status(DeletionStatus.BACK)

    end = await clock.advance_until(leaver.end(), step=timedelta(days=1))

    assert end is DeletionStatus.BACK
    assert await leaver.mails() == [DEACTIVATED]


async def test_return_in_the_last_moment_wins_where_the_tombstone_is_not_there_yet(
    leaver: AccountDeletionClient, clock: Clock, fakes: Fakes
) -> None:
    def too_late(_: object) -> bool:
        fakes.deletion.has_status(DeletionStatus.BACK)
        return False

    fakes.erasure.tombstones_written.always_returns(too_late)
    await leaver.deactivates()

    end = await clock.advance_until(leaver.end(), step=timedelta(days=1))

    assert end is DeletionStatus.BACK
    assert fakes.erasure.erased.calls == []


async def test_return_after_the_tombstone_is_too_late(
    leaver: AccountDeletionClient, clock: Clock, fakes: Fakes
) -> None:
    fakes.erasure.erased.hang()
    await leaver.reaches_the_deadline()
    await fakes.erasure.erased.wait_called(times=1)

    heard = await leaver.flow.execute_update(AccountDeletion.reactivate)
    fakes.erasure.erased.resume()

    assert heard is DeletionStatus.ERASED
    assert await clock.advance_until(leaver.end()) is DeletionStatus.ERASED
    assert fakes.deletion.shown.calls == []


async def test_erasure_goes_on_batch_after_batch(leaver: AccountDeletionClient, clock: Clock, fakes: Fakes) -> None:
    fakes.erasure.erased.returns_next(lambda _: False, lambda _: False)
    await leaver.deactivates()

    await clock.advance_until(leaver.end(), step=timedelta(days=1))

    assert len(fakes.erasure.erased.calls) == 3


async def test_outage_during_the_erasure_shows_and_passes(
    leaver: AccountDeletionClient, clock: Clock, fakes: Fakes
) -> None:
    fakes.erasure.erased.fail(NEO4J_AWAY, times=8)
    await leaver.reaches_the_deadline()
    await fakes.erasure.erased.wait_called(times=1)

    await clock.advance(FIVE_QUIET_TRIES)
    during = await leaver.blocked_on()
    end = await clock.advance_until(leaver.end())

    assert during == "neo4j"
    assert end is DeletionStatus.ERASED
    assert await leaver.blocked_on() is None


async def test_start_that_comes_late_leaves_out_what_is_past(leaver: AccountDeletionClient, clock: Clock) -> None:
    await leaver.records_deactivation(life=timedelta(days=3))
    await leaver.starts()

    await clock.advance_until(leaver.end(), step=timedelta(hours=12))

    assert (await leaver.mails())[:-1] == [DEACTIVATED, ONE_DAY]


async def test_later_deactivation_has_a_flow_of_its_own(
    leaver: AccountDeletionClient, clock: Clock, fakes: Fakes
) -> None:
    await leaver.deactivates()
    fakes.deletion.account = None

    end = await clock.advance_until(leaver.end(), step=timedelta(days=1))

    assert end is DeletionStatus.BACK
    assert fakes.deletion.shown.calls == []


async def test_second_deactivation_is_hidden_by_the_same_flow(leaver: AccountDeletionClient, fakes: Fakes) -> None:
    await leaver.deactivates()

    await leaver.deactivates_again()

    await fakes.deletion.closed.wait_called(times=2)
    assert [close.key for close in fakes.deletion.closed.calls] == [KEY, LATER_KEY]
    assert fakes.deletion.hidden.calls == [USER_ID, USER_ID]
    assert await leaver.mails() == [DEACTIVATED, DEACTIVATED]
    assert await leaver.listed_state() == "waiting"


async def test_signal_of_the_first_deactivation_changes_nothing(
    leaver: AccountDeletionClient, clock: Clock, fakes: Fakes
) -> None:
    await leaver.deactivates()

    await leaver.flow.signal(AccountDeletion.account_deactivated, leaver.input)

    await clock.advance_until(leaver.end(), step=timedelta(days=1))
    assert fakes.deletion.hidden.calls == [USER_ID]


async def test_sweep_starts_what_was_never_started(client: Client, leaver: AccountDeletionClient, fakes: Fakes) -> None:
    await leaver.records_deactivation()
    fakes.sweep.found_deletions.returns_next(lambda _: [leaver.input])

    kicked = await client.execute_workflow(Sweep.run, id="sweep-1", task_queue=Queue.BULK)

    assert kicked == 1
    await fakes.deletion.closed.wait_called(times=1)


async def test_sweep_notifies_what_was_not_notified(
    client: Client, leaver: AccountDeletionClient, fakes: Fakes
) -> None:
    await leaver.deactivates()
    fakes.deletion.has_status(DeletionStatus.BACK)
    fakes.sweep.found_deletions.returns_next(lambda _: [leaver.input])

    await client.execute_workflow(Sweep.run, id="sweep-1", task_queue=Queue.BULK)

    assert await leaver.end() is DeletionStatus.BACK
