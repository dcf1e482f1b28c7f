"""The mails of a flow: tried once by the flow itself, then in the hands of a workflow of their own."""

from datetime import timedelta

from temporalio.client import Client
from temporalio.service import RPCError

from domain.delivery.mail import MailKind, MailState
from domain.flows import FlowState
from tests.workflows.clients.registration import RegistrationClient
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import SMTP_AWAY
from tests.workflows.time_skipping import Clock
from workflows.delivery.mail import mail_workflow_id


async def test_mail_sent_at_the_first_try_starts_no_workflow(
    client: Client, newcomer: RegistrationClient, fakes: Fakes
) -> None:
    await newcomer.starts()

    order = await fakes.mail.ordered(MailKind.CREATE_ACCOUNT)

    await newcomer.types(newcomer.code())
    await newcomer.end()
    assert await is_known(client, order.key) is False


async def test_mail_that_failed_at_first_is_handed_over_and_sent(
    client: Client, newcomer: RegistrationClient, fakes: Fakes
) -> None:
    fakes.mail.sent.fail(SMTP_AWAY, times=1)

    await newcomer.starts()

    first = await fakes.mail.ordered(MailKind.CREATE_ACCOUNT)
    handed_over = await fakes.mail.ordered(MailKind.CREATE_ACCOUNT, number=2)
    assert handed_over == first
    assert await client.get_workflow_handle(mail_workflow_id(first.key)).result() == MailState.ACCEPTED
    assert fakes.mail.sent.calls == [first, first]


async def test_dead_mail_server_holds_no_flow_open(newcomer: RegistrationClient, fakes: Fakes) -> None:
    fakes.mail.sent.always_fail(SMTP_AWAY)
    await newcomer.starts()

    answer = await newcomer.types(newcomer.code())

    assert answer.registered
    assert (await newcomer.end()).state is FlowState.COMPLETED


async def test_silent_mail_server_delays_no_answer_and_the_close_by_one_try(
    newcomer: RegistrationClient, clock: Clock, fakes: Fakes
) -> None:
    fakes.mail.sent.hang()
    await newcomer.starts()

    answer = await newcomer.types(newcomer.code())
    meanwhile = await newcomer.gets_status()
    closed = await clock.advance_until(newcomer.end())

    assert answer.registered
    assert (meanwhile.state, closed.state) == (FlowState.COMPLETED, FlowState.COMPLETED)


async def test_mail_that_was_not_tried_in_time_is_left_to_its_workflow(
    newcomer: RegistrationClient, clock: Clock, fakes: Fakes
) -> None:
    """As for a worker that died with it: the server says so, and the record says whether it was sent."""
    fakes.mail.sent.hang()
    await newcomer.starts()
    await fakes.mail.ordered(MailKind.CREATE_ACCOUNT)

    await clock.advance(timedelta(seconds=11))

    assert (await fakes.mail.ordered(MailKind.CREATE_ACCOUNT, number=2)).recipient == newcomer.email_address


async def is_known(client: Client, mail_key: str) -> bool:
    try:
        await client.get_workflow_handle(mail_workflow_id(mail_key)).describe()
    except RPCError:
        return False
    return True
