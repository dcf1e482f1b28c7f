"""AccountDeletion with skipped time: thirty days, two reminders, and back at any moment before the end."""

from datetime import timedelta

from temporalio.client import Client

from domain.accounts.account_deletion import LIFE, Standing
from domain.delivery.mail import MailKind
from tests.workflows.clients.account_deletion import KEY, LATER_KEY, USER_ID, Leaver
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


async def test_leaving_hides_at_once_and_says_until_when(leaver: Leaver, fakes: Fakes) -> None:
    await leaver.leaves()

    letter = await fakes.mail.ordered(MailKind.ACCOUNT_DEACTIVATED)
    assert fakes.deletion.account
    assert fakes.deletion.account.deletion_at
    assert letter.variables["date"] == f"{fakes.deletion.account.deletion_at:%d %B %Y}"
    assert letter.recipient == "ann@people.test"
    assert fakes.deletion.hidden.asked == [USER_ID]
    assert [(close.key, close.standing) for close in fakes.deletion.closed.asked] == [(KEY, Standing.LEAVING)]


async def test_hiding_goes_on_until_nothing_is_left(leaver: Leaver, fakes: Fakes) -> None:
    fakes.deletion.hidden.answers_next(lambda _: False, lambda _: False)

    await leaver.leaves()

    assert len(fakes.deletion.hidden.asked) == 3


async def test_account_is_erased_after_thirty_days_with_two_reminders(
    leaver: Leaver, clock: Clock, fakes: Fakes
) -> None:
    left_at = await clock.now()
    await leaver.leaves()

    end = await clock.until(leaver.end(), step=timedelta(days=1))

    assert end is Standing.ERASED
    assert [mail[0] for mail in await leaver.mails()][-1] is MailKind.ACCOUNT_DELETED
    assert (await leaver.mails())[:-1] == [DEACTIVATED, SEVEN_DAYS, ONE_DAY]
    (burial,) = fakes.erasure.buried.asked
    assert_at(burial.now, left_at + LIFE)
    assert fakes.erasure.erased.asked == [USER_ID]
    assert len(fakes.erasure.finished.asked) == 1
    assert await leaver.listed_state() == "completed"


async def test_nothing_is_erased_before_its_time(leaver: Leaver, fakes: Fakes) -> None:
    await leaver.leaves()

    await leaver.waits(days=29.9)

    assert fakes.erasure.buried.asked == []


async def test_address_is_forgotten_only_after_the_last_mail(leaver: Leaver, clock: Clock, fakes: Fakes) -> None:
    fakes.mail.sent.fails(MONGO_AWAY, times=8)
    await leaver.leaves()

    await clock.until(leaver.end(), step=timedelta(days=1))

    assert [order.kind for order in fakes.mail.sent.asked][-1] is MailKind.ACCOUNT_DELETED
    assert len(fakes.erasure.finished.asked) == 1


async def test_back_on_day_29_nothing_is_erased_and_all_is_shown(leaver: Leaver, fakes: Fakes) -> None:
    await leaver.leaves()
    await leaver.waits(days=29)

    heard = await leaver.comes_back()

    assert heard is Standing.BACK
    assert await leaver.end() is Standing.BACK
    assert await leaver.listed_state() == "cancelled"
    assert fakes.deletion.shown.asked == [USER_ID]
    assert fakes.deletion.closed.asked[-1].standing is Standing.BACK
    assert fakes.erasure.buried.asked == []


async def test_back_before_the_first_reminder_there_is_none(leaver: Leaver) -> None:
    await leaver.leaves()
    await leaver.waits(days=22)

    await leaver.comes_back()

    await leaver.end()
    assert await leaver.mails() == [DEACTIVATED]


async def test_return_that_nobody_told_is_seen_before_the_next_reminder(leaver: Leaver, clock: Clock) -> None:
    await leaver.leaves()
    leaver.fakes.deletion.stands(Standing.BACK)

    end = await clock.until(leaver.end(), step=timedelta(days=1))

    assert end is Standing.BACK
    assert await leaver.mails() == [DEACTIVATED]


async def test_return_in_the_last_moment_wins_where_the_tombstone_is_not_there_yet(
    leaver: Leaver, clock: Clock, fakes: Fakes
) -> None:
    def too_late(_: object) -> bool:
        fakes.deletion.stands(Standing.BACK)
        return False

    fakes.erasure.buried.always_answers(too_late)
    await leaver.leaves()

    end = await clock.until(leaver.end(), step=timedelta(days=1))

    assert end is Standing.BACK
    assert fakes.erasure.erased.asked == []


async def test_return_after_the_tombstone_is_too_late(leaver: Leaver, clock: Clock, fakes: Fakes) -> None:
    fakes.erasure.erased.hangs()
    await leaver.left_thirty_days_ago()
    await fakes.erasure.erased.has_been_asked(times=1)

    heard = await leaver.flow.execute_update(AccountDeletion.reactivate)
    fakes.erasure.erased.goes_on()

    assert heard is Standing.ERASED
    assert await clock.until(leaver.end()) is Standing.ERASED
    assert fakes.deletion.shown.asked == []


async def test_erasure_goes_on_batch_after_batch(leaver: Leaver, clock: Clock, fakes: Fakes) -> None:
    fakes.erasure.erased.answers_next(lambda _: False, lambda _: False)
    await leaver.leaves()

    await clock.until(leaver.end(), step=timedelta(days=1))

    assert len(fakes.erasure.erased.asked) == 3


async def test_outage_during_the_erasure_shows_and_passes(leaver: Leaver, clock: Clock, fakes: Fakes) -> None:
    fakes.erasure.erased.fails(NEO4J_AWAY, times=8)
    await leaver.left_thirty_days_ago()
    await fakes.erasure.erased.has_been_asked(times=1)

    await clock.passes(FIVE_QUIET_TRIES)
    during = await leaver.blocked_on()
    end = await clock.until(leaver.end())

    assert during == "neo4j"
    assert end is Standing.ERASED
    assert await leaver.blocked_on() is None


async def test_start_that_comes_late_leaves_out_what_is_past(leaver: Leaver, clock: Clock) -> None:
    await leaver.records_leaving(life=timedelta(days=3))
    await leaver.starts()

    await clock.until(leaver.end(), step=timedelta(hours=12))

    assert (await leaver.mails())[:-1] == [DEACTIVATED, ONE_DAY]


async def test_later_deactivation_has_a_flow_of_its_own(leaver: Leaver, clock: Clock, fakes: Fakes) -> None:
    await leaver.leaves()
    fakes.deletion.account = None

    end = await clock.until(leaver.end(), step=timedelta(days=1))

    assert end is Standing.BACK
    assert fakes.deletion.shown.asked == []


async def test_who_leaves_again_is_hidden_again_by_the_same_flow(leaver: Leaver, fakes: Fakes) -> None:
    await leaver.leaves()

    await leaver.leaves_again()

    await fakes.deletion.closed.has_been_asked(times=2)
    assert [close.key for close in fakes.deletion.closed.asked] == [KEY, LATER_KEY]
    assert fakes.deletion.hidden.asked == [USER_ID, USER_ID]
    assert await leaver.mails() == [DEACTIVATED, DEACTIVATED]
    assert await leaver.listed_state() == "waiting"


async def test_word_of_the_deactivation_it_began_with_is_no_news(leaver: Leaver, clock: Clock, fakes: Fakes) -> None:
    await leaver.leaves()

    await leaver.flow.signal(AccountDeletion.left, leaver.order)

    await clock.until(leaver.end(), step=timedelta(days=1))
    assert fakes.deletion.hidden.asked == [USER_ID]


async def test_sweep_starts_what_nobody_has_started(client: Client, leaver: Leaver, fakes: Fakes) -> None:
    await leaver.records_leaving()
    fakes.sweep.found_deletions.answers_next(lambda _: [leaver.order])

    kicked = await client.execute_workflow(Sweep.run, id="sweep-1", task_queue=Queue.BULK)

    assert kicked == 1
    await fakes.deletion.closed.has_been_asked(times=1)


async def test_sweep_tells_what_nobody_has_told(client: Client, leaver: Leaver, fakes: Fakes) -> None:
    await leaver.leaves()
    fakes.deletion.stands(Standing.BACK)
    fakes.sweep.found_deletions.answers_next(lambda _: [leaver.order])

    await client.execute_workflow(Sweep.run, id="sweep-1", task_queue=Queue.BULK)

    assert await leaver.end() is Standing.BACK
