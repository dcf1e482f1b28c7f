"""KeyUpkeep: batch after batch, first the mails, then their reminders are closed; then old uses are dropped. A repeat
is the same mail.
"""

from datetime import timedelta

from temporalio.client import Client, WorkflowHandle

from activities.auth.key_upkeep import DropUses, Reminders
from activities.delivery.mail import MailInput
from domain.delivery.mail import MailKind
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY
from tests.workflows.time_skipping import Clock
from workflows.auth.key_upkeep import KeyUpkeep
from workflows.queues import Queue


def batch(*keys: str, is_full: bool = False) -> Reminders:
    mails = [MailInput(f"key-reminder.{key}", MailKind.API_KEY_REMINDER, "ann@people.test") for key in keys]
    return Reminders(mails, dict.fromkeys(keys), is_full=is_full)


async def start(client: Client) -> WorkflowHandle[KeyUpkeep, None]:
    return await client.start_workflow(KeyUpkeep.run, id="key-upkeep", task_queue=Queue.BULK)


async def test_batches_follow_until_none_is_full_and_have_one_moment(client: Client, fakes: Fakes) -> None:
    fakes.key_upkeep.written.returns_next(lambda _: batch("a", "b", is_full=True), lambda _: batch("c"))

    await (await start(client)).result()

    first, second = fakes.key_upkeep.written.calls
    assert first.now == second.now
    assert fakes.key_upkeep.closed.calls == [batch("a", "b", is_full=True), batch("c")]


async def test_reminder_that_could_not_be_closed_is_the_same_mail_the_next_day(
    client: Client, clock: Clock, fakes: Fakes
) -> None:
    fakes.key_upkeep.written.always_returns(lambda _: batch("a"))
    fakes.key_upkeep.closed.fail(MONGO_AWAY, times=8)

    await clock.advance_until((await start(client)).result(), step=timedelta(seconds=30))
    await (await start(client)).result()
    await clock.advance(timedelta(minutes=1))

    assert [mail.key for mail in fakes.mail.sent.calls] == ["key-reminder.a"]


async def test_uses_are_dropped_after_the_reminders_key_after_key(client: Client, fakes: Fakes) -> None:
    fakes.key_upkeep.written.returns_next(lambda _: batch("a", is_full=True))
    fakes.key_upkeep.dropped.returns_next(lambda _: "5e" * 12, lambda _: "5f" * 12)

    await (await start(client)).result()

    now = fakes.key_upkeep.written.calls[0].now
    assert fakes.key_upkeep.dropped.calls == [DropUses(now), DropUses(now, "5e" * 12), DropUses(now, "5f" * 12)]
