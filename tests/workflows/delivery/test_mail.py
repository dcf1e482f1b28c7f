"""Mail: one record and one end for each mail, however often a try fails."""

from datetime import timedelta

import pytest
from temporalio.client import Client, WorkflowHandle

from activities.codes import CodeIssue
from activities.delivery.mail import MailInput
from domain.codes import CodePurpose
from domain.delivery.mail import MailKind, MailState
from tests.support.polling import eventually
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY, MONGO_REFUSES, SMTP_AWAY
from tests.workflows.time_skipping import Clock
from workflows.delivery.mail import MAIL_TTL, Mail, mail_workflow_id
from workflows.queues import Queue
from workflows.search_attributes import BLOCKED_ON

pytestmark = pytest.mark.usefixtures("fakes")

WELCOME = MailInput(key="ann.welcome", kind=MailKind.WELCOME_MESSAGE, recipient="ann@people.test")
A_TRY_AT_LEAST = timedelta(minutes=5)
FIVE_QUIET_TRIES = timedelta(seconds=16)

MailRun = WorkflowHandle[Mail, MailState]


async def post(client: Client, order: MailInput) -> MailRun:
    return await client.start_workflow(Mail.run, order, id=mail_workflow_id(order.key), task_queue=Queue.MAIL)


async def code_mail(clock: Clock, *, life: timedelta) -> MailInput:
    issue = CodeIssue("flow", CodePurpose.CREATE_ACCOUNT, "key", 1)
    return MailInput(
        key="ann.code-1",
        kind=MailKind.CREATE_ACCOUNT,
        recipient="ann@people.test",
        code=issue,
        give_up_at=await clock.now() + life,
    )


async def blocked_on(run: MailRun) -> str | None:
    return (await run.describe()).typed_search_attributes.get(BLOCKED_ON)


async def test_accepted_mail_is_recorded_and_sent_once(client: Client, fakes: Fakes) -> None:
    run = await post(client, WELCOME)

    assert await run.result() is MailState.ACCEPTED
    assert fakes.mail.recorded.calls == [WELCOME]
    assert fakes.mail.sent.calls == [WELCOME]
    assert fakes.mail.given_up.calls == []


@pytest.mark.parametrize("state", [MailState.ACCEPTED, MailState.BOUNCED, MailState.FAILED])
async def test_mail_that_has_ended_is_not_sent_again(client: Client, fakes: Fakes, state: MailState) -> None:
    fakes.mail.recorded.always_returns(lambda _: state)

    run = await post(client, WELCOME)

    assert await run.result() is state
    assert fakes.mail.sent.calls == []


async def test_bounced_mail_is_not_tried_again(client: Client, fakes: Fakes) -> None:
    fakes.mail.sent.always_returns(lambda _: MailState.BOUNCED)

    run = await post(client, WELCOME)

    assert await run.result() is MailState.BOUNCED
    assert len(fakes.mail.sent.calls) == 1
    assert fakes.mail.given_up.calls == []


async def test_failed_try_is_repeated(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.mail.sent.fail(SMTP_AWAY, times=3)

    run = await post(client, WELCOME)

    assert await clock.advance_until(run.result()) is MailState.ACCEPTED
    assert fakes.mail.sent.calls == [WELCOME] * 4


async def test_record_is_made_when_the_store_is_back(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.mail.recorded.fail(MONGO_AWAY, times=10)

    run = await post(client, WELCOME)

    assert await clock.advance_until(run.result(), step=A_TRY_AT_LEAST) is MailState.ACCEPTED
    assert len(fakes.mail.recorded.calls) == 11


async def test_mail_without_a_code_outlives_a_day_without_a_mail_server(
    client: Client, clock: Clock, fakes: Fakes
) -> None:
    fakes.mail.sent.fail(SMTP_AWAY, times=300)

    run = await post(client, WELCOME)

    assert await clock.advance_until(run.result(), step=timedelta(days=2)) is MailState.ACCEPTED
    assert fakes.mail.given_up.calls == []


async def test_mail_without_a_code_fails_after_five_days(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.mail.sent.always_fail(SMTP_AWAY)
    began = await clock.now()
    run = await post(client, WELCOME)

    state = await clock.advance_until(run.result(), step=timedelta(days=2))

    ended_at = (await run.describe()).close_time
    assert state is MailState.FAILED
    assert fakes.mail.given_up.calls == [WELCOME.key]
    assert ended_at
    assert timedelta() <= began + MAIL_TTL - ended_at <= A_TRY_AT_LEAST


async def test_mail_server_that_is_away_shows_until_it_is_back(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.mail.sent.fail(SMTP_AWAY, times=10)
    run = await post(client, WELCOME)

    await clock.advance(FIVE_QUIET_TRIES)
    during = await blocked_on(run)
    await clock.advance_until(run.result(), step=A_TRY_AT_LEAST)

    assert during == "smtp"
    assert await blocked_on(run) is None


async def test_code_mail_is_given_up_when_its_code_dies(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.mail.sent.always_fail(SMTP_AWAY)
    order = await code_mail(clock, life=timedelta(minutes=10))
    run = await post(client, order)

    state = await clock.advance_until(run.result(), step=timedelta(minutes=1))

    ended_at = (await run.describe()).close_time
    assert state is MailState.FAILED
    assert fakes.mail.given_up.calls == [order.key]
    assert order.give_up_at
    assert ended_at
    assert abs(ended_at - order.give_up_at) < timedelta(seconds=30)


async def test_code_mail_is_tried_until_its_code_dies(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.mail.sent.fail(SMTP_AWAY, times=25)
    order = await code_mail(clock, life=timedelta(minutes=10))

    run = await post(client, order)

    assert await clock.advance_until(run.result(), step=timedelta(minutes=1)) is MailState.ACCEPTED
    assert fakes.mail.given_up.calls == []


async def test_mail_given_up_is_no_longer_blocked(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.mail.sent.always_fail(SMTP_AWAY)
    run = await post(client, await code_mail(clock, life=timedelta(minutes=10)))

    await clock.advance_until(run.result(), step=timedelta(minutes=1))

    assert await blocked_on(run) is None


async def test_mail_that_got_through_at_the_last_moment_says_so(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.mail.sent.always_fail(SMTP_AWAY)
    fakes.mail.given_up.always_returns(lambda _: MailState.ACCEPTED)

    run = await post(client, await code_mail(clock, life=timedelta(minutes=10)))

    assert await clock.advance_until(run.result(), step=timedelta(minutes=1)) is MailState.ACCEPTED


async def test_refusal_for_good_is_a_failed_mail(client: Client, fakes: Fakes) -> None:
    fakes.mail.sent.always_fail(MONGO_REFUSES)

    run = await post(client, WELCOME)

    assert await run.result() is MailState.FAILED
    assert len(fakes.mail.sent.calls) == 1


@pytest.mark.parametrize("tried_for", [timedelta(seconds=2), FIVE_QUIET_TRIES])
async def test_operator_can_end_a_mail_that_does_not_get_through(
    client: Client, clock: Clock, fakes: Fakes, tried_for: timedelta
) -> None:
    fakes.mail.sent.always_fail(SMTP_AWAY)
    run = await post(client, WELCOME)
    await clock.advance(tried_for)

    await run.cancel()

    async def given_up() -> list[str]:
        return fakes.mail.given_up.calls

    assert await eventually(given_up) == [WELCOME.key]
