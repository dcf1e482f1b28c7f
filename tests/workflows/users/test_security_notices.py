"""Notice: one mail for one event, after which no intent is open."""

from datetime import timedelta

from temporalio.client import Client, WorkflowHandle

from activities.users.security_notices import NoticeInput
from domain.delivery.mail import MailKind
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY
from tests.workflows.fakes.notices import mail_for_notice
from tests.workflows.time_skipping import Clock
from workflows.queues import Queue
from workflows.search_attributes import BLOCKED_ON
from workflows.users.security_notices import Notice, notice_input, notice_workflow_id

EVENT = notice_input("ee" * 12, "an-events-key")
AN_OUTAGE = 12


async def start(client: Client, order: NoticeInput = EVENT) -> WorkflowHandle[Notice, None]:
    return await client.start_workflow(
        Notice.run, order, id=notice_workflow_id(order.event_key), task_queue=Queue.IDENTITY
    )


async def test_owner_gets_the_mail_that_the_event_is_worth(client: Client, fakes: Fakes) -> None:
    await (await start(client)).result()

    assert fakes.notices.written.calls == [EVENT]
    assert await fakes.mail.ordered(MailKind.PASSWORD_CHANGED) == mail_for_notice(EVENT)


async def test_intent_is_closed_after_the_mail_is_ordered(client: Client, fakes: Fakes) -> None:
    fakes.notices.closed.fail(MONGO_AWAY, times=1)
    fakes.notices.closed.hang()
    run = await start(client)

    await fakes.mail.ordered(MailKind.PASSWORD_CHANGED)
    fakes.notices.closed.resume()

    await run.result()
    assert fakes.notices.closed.calls[-1] == EVENT.event_id


async def test_event_of_no_account_is_closed_without_a_mail(client: Client, fakes: Fakes) -> None:
    fakes.notices.written.always_returns(lambda _: None)

    await (await start(client)).result()

    assert fakes.notices.closed.calls == [EVENT.event_id]
    assert fakes.mail.recorded.calls == []


async def test_notice_started_twice_is_one_mail(client: Client, fakes: Fakes) -> None:
    await (await start(client)).result()
    await fakes.mail.sent.wait_called(times=1)

    await (await start(client)).result()

    assert len(fakes.notices.closed.calls) == 2
    assert len(fakes.mail.recorded.calls) == 1


async def test_intent_stays_open_until_the_store_has_returned_the_recipient(
    client: Client, clock: Clock, fakes: Fakes
) -> None:
    fakes.notices.written.fail(MONGO_AWAY, times=AN_OUTAGE)
    run = await start(client)

    await clock.advance(timedelta(seconds=4))
    during = (await run.describe()).typed_search_attributes.get(BLOCKED_ON), list(fakes.notices.closed.calls)
    await clock.advance_until(run.result())

    assert during == ("mongo", [])
    assert fakes.notices.closed.calls == [EVENT.event_id]


async def test_mail_is_ordered_once_however_long_the_intent_cannot_be_closed(
    client: Client, clock: Clock, fakes: Fakes
) -> None:
    fakes.notices.closed.fail(MONGO_AWAY, times=AN_OUTAGE)
    run = await start(client)

    await clock.advance_until(run.result())

    assert len(fakes.mail.recorded.calls) == 1
    assert len(fakes.notices.closed.calls) == AN_OUTAGE + 1
