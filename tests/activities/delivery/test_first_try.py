"""The first try of a flow's mail: its record and its sending in one activity, on a connection that is free."""

from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import aiosmtplib
import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.delivery.mail import MailActivities, MailInput
from adapters.mail import smtp
from adapters.mail.smtp import NoConnectionFree
from adapters.resources import Resources
from domain.delivery.mail import MailState, NewMail
from tests.activities.delivery.conftest import document, send
from tests.support.mailbox import Mailbox


async def test_mail_is_recorded_and_sent_in_one_attempt(
    environment: ActivityEnvironment, activities: MailActivities, order: MailInput, resources: Resources
) -> None:
    state = await environment.run(activities.deliver, order)

    recorded = await document(resources, order.key)
    assert state is MailState.ACCEPTED
    assert (recorded["state"], recorded["attempts"]) == ("accepted", 1)
    assert recorded["message_id"] == resources.delivery.mail_renderer.message_id(order.key)


async def test_mail_that_was_sent_is_not_tried_again(
    environment: ActivityEnvironment, activities: MailActivities, order: MailInput, mailbox: Mailbox
) -> None:
    states = [await environment.run(activities.deliver, order) for _ in range(2)]

    assert states == [MailState.ACCEPTED, MailState.ACCEPTED]
    assert len(await mailbox.letters(order.recipient, "welcome-message")) == 1


async def test_mail_that_failed_at_first_goes_on_with_its_record(
    environment: ActivityEnvironment,
    activities: MailActivities,
    order: MailInput,
    resources: Resources,
    faulty: Mailbox,
) -> None:
    await faulty.break_with("reject_4xx", to=order.recipient)
    with pytest.raises(aiosmtplib.SMTPException):
        await environment.run(activities.deliver, order)
    failed = await document(resources, order.key)
    await faulty.break_with("none")

    state = await send(environment, activities, order)

    sent = await document(resources, order.key)
    assert (failed["state"], failed["attempts"]) == ("sending", 1)
    assert (state, sent["attempts"], sent["message_id"]) == (MailState.ACCEPTED, 2, failed["message_id"])


async def test_mail_that_finds_no_free_connection_fails_at_once_and_leaves_no_record(
    environment: ActivityEnvironment, activities: MailActivities, order: MailInput, resources: Resources
) -> None:
    server = resources.delivery.smtp
    async with AsyncExitStack() as stack:
        for _ in range(server.connections):
            await stack.enter_async_context(server.reserve())
        with pytest.raises(NoConnectionFree):
            await environment.run(activities.deliver, order)

    assert await resources.clients.database["mails"].count_documents({"key": order.key}) == 0


async def test_silent_server_is_not_waited_for(
    environment: ActivityEnvironment,
    activities: MailActivities,
    order: MailInput,
    resources: Resources,
    faulty: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(smtp, "FIRST_TRY_SECONDS", 0.2)
    await faulty.break_with("hang", to=order.recipient)

    with pytest.raises(aiosmtplib.SMTPTimeoutError):
        await environment.run(activities.deliver, order)

    assert (await document(resources, order.key))["state"] == "sending"


async def test_mail_of_a_decoy_is_recorded_and_not_sent(
    environment: ActivityEnvironment, activities: MailActivities, order: MailInput, resources: Resources
) -> None:
    state = await environment.run(activities.deliver, replace(order, recipient=""))

    assert state is MailState.SUPPRESSED
    assert (await document(resources, order.key))["attempts"] == 1


async def test_mail_in_its_first_try_is_not_sent_beside_it(
    environment: ActivityEnvironment, activities: MailActivities, order: MailInput, resources: Resources
) -> None:
    message_id, now = f"<{order.key}>", datetime.now(UTC)
    first_try = NewMail(order.key, order.kind, message_id, "hash", now)
    await resources.delivery.mails.record_first_try(first_try, claimed_until=now + timedelta(minutes=1))

    with pytest.raises(ApplicationError, match="another attempt"):
        await environment.run(activities.send, order)
    with pytest.raises(ApplicationError, match="another attempt"):
        await environment.run(activities.deliver, order)


async def test_mail_whose_first_try_died_is_sent_when_its_claim_is_over(
    environment: ActivityEnvironment, activities: MailActivities, order: MailInput, resources: Resources
) -> None:
    now = datetime.now(UTC)
    first_try = NewMail(order.key, order.kind, f"<{order.key}>", "hash", now)
    await resources.delivery.mails.record_first_try(first_try, claimed_until=now)

    assert await environment.run(activities.send, order) is MailState.ACCEPTED
