"""Sending a mail: one record, one Message-ID, sent once, whatever the server replies."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import aiosmtplib
import pytest
from jinja2 import UndefinedError
from temporalio.testing import ActivityEnvironment

from activities.codes import CodeIssue
from activities.delivery.mail import MailActivities, MailInput
from adapters.resources import Resources
from domain.codes import CodePurpose
from domain.delivery.mail import MailKind, MailState
from tests.activities.delivery.conftest import document, send
from tests.support.mailbox import Mailbox


@pytest.fixture
def code_order(order: MailInput, resources: Resources) -> MailInput:
    issue = CodeIssue("r" + "A" * 32, CodePurpose.CREATE_ACCOUNT, resources.codes.current_key_id, 1)
    return replace(order, kind=MailKind.CREATE_ACCOUNT, code=issue)


async def test_mail_of_a_decoy_is_recorded_and_not_sent(
    environment: ActivityEnvironment, activities: MailActivities, order: MailInput, resources: Resources
) -> None:
    without_recipient = replace(order, recipient="")

    recorded = await environment.run(activities.record, without_recipient)
    sent = await environment.run(activities.send, without_recipient)

    assert (recorded, sent) == (MailState.RENDERED, MailState.SUPPRESSED)
    assert (await document(resources, order.key))["attempts"] == 1


async def test_recording_twice_is_one_record_that_stays(
    environment: ActivityEnvironment, activities: MailActivities, order: MailInput, resources: Resources
) -> None:
    first = await environment.run(activities.record, order)
    before = await document(resources, order.key)

    second = await environment.run(activities.record, replace(order, variables={**order.variables, "minutes": "20"}))

    assert (first, second) == (MailState.RENDERED, MailState.RENDERED)
    assert await document(resources, order.key) == before
    assert await resources.clients.database["mails"].count_documents({"key": order.key}) == 1


async def test_record_holds_neither_recipient_nor_variables(
    environment: ActivityEnvironment, activities: MailActivities, order: MailInput, resources: Resources
) -> None:
    await send(environment, activities, order)

    shown = str(await document(resources, order.key))
    assert order.recipient not in shown
    assert order.variables["username"] not in shown
    assert "sealed" not in shown


async def test_mail_without_a_variable_is_not_recorded(
    environment: ActivityEnvironment, activities: MailActivities, order: MailInput, resources: Resources
) -> None:
    with pytest.raises(UndefinedError):
        await environment.run(activities.record, replace(order, variables={}))

    assert await resources.clients.database["mails"].count_documents({"key": order.key}) == 0


async def test_mail_is_handed_over_with_the_message_id_of_its_record(
    environment: ActivityEnvironment,
    activities: MailActivities,
    order: MailInput,
    resources: Resources,
    mailbox: Mailbox,
) -> None:
    state = await send(environment, activities, order)

    letter = await mailbox.letter(order.recipient, "welcome-message")
    recorded = await document(resources, order.key)
    assert (state, recorded["state"], recorded["attempts"]) == (MailState.ACCEPTED, "accepted", 1)
    message_id = resources.delivery.mail_renderer.message_id(order.key)
    assert letter["headers"]["message-id"] == recorded["message_id"] == message_id
    assert recorded["last_reply"].startswith("2.0.0 Kept as")


async def test_accepted_mail_is_not_sent_again(
    environment: ActivityEnvironment, activities: MailActivities, order: MailInput, mailbox: Mailbox
) -> None:
    await send(environment, activities, order)

    again = await send(environment, activities, order)

    assert again is MailState.ACCEPTED
    assert len(await mailbox.letters(order.recipient, "welcome-message")) == 1


async def test_repeated_code_mail_carries_the_same_code(
    environment: ActivityEnvironment, activities: MailActivities, code_order: MailInput, mailbox: Mailbox
) -> None:
    await send(environment, activities, code_order)
    await send(environment, activities, replace(code_order, key=f"{code_order.key}.again"))

    codes = [await mailbox.code(code_order.recipient, "create-account", number=number) for number in (1, 2)]

    assert codes[0] == codes[1]


async def test_record_of_a_code_mail_does_not_hold_its_code(
    environment: ActivityEnvironment,
    activities: MailActivities,
    code_order: MailInput,
    mailbox: Mailbox,
    resources: Resources,
) -> None:
    await send(environment, activities, code_order)

    code = await mailbox.code(code_order.recipient, "create-account")
    assert code not in str(await document(resources, code_order.key))


@pytest.mark.defect(44)
async def test_refusal_for_now_is_worth_another_try(
    environment: ActivityEnvironment,
    activities: MailActivities,
    order: MailInput,
    resources: Resources,
    faulty: Mailbox,
) -> None:
    await faulty.break_with("reject_4xx", to=order.recipient)

    with pytest.raises(aiosmtplib.SMTPException):
        await send(environment, activities, order)

    assert (await document(resources, order.key))["state"] == "sending"
    await faulty.break_with("none")
    assert await send(environment, activities, order) is MailState.ACCEPTED
    assert (await document(resources, order.key))["attempts"] == 2
    assert len(await faulty.letters(order.recipient, "welcome-message")) == 1


async def test_bounced_mail_is_not_tried_again(
    environment: ActivityEnvironment,
    activities: MailActivities,
    order: MailInput,
    resources: Resources,
    faulty: Mailbox,
) -> None:
    await faulty.break_with("reject_5xx", to=order.recipient)
    await send(environment, activities, order)
    await faulty.break_with("none")

    again = await send(environment, activities, order)

    assert again is MailState.BOUNCED
    assert (await document(resources, order.key))["attempts"] == 1
    assert await faulty.letters(order.recipient, "welcome-message") == []


async def test_server_that_takes_a_mail_and_dies_gets_the_same_message_id_again(
    environment: ActivityEnvironment, activities: MailActivities, order: MailInput, faulty: Mailbox
) -> None:
    await faulty.break_with("close_after_data", to=order.recipient)

    with pytest.raises((aiosmtplib.SMTPException, OSError)):
        await send(environment, activities, order)

    await faulty.break_with("none")
    await send(environment, activities, order)
    letters = await faulty.letters(order.recipient, "welcome-message")
    assert len(letters) == 2
    assert len({letter["headers"]["message-id"] for letter in letters}) == 1


async def test_given_up_mail_is_failed_and_not_sent_later(
    environment: ActivityEnvironment, activities: MailActivities, order: MailInput, mailbox: Mailbox
) -> None:
    await environment.run(activities.record, order)

    states = [await environment.run(activities.give_up, order.key) for _ in range(2)]

    assert states == [MailState.FAILED, MailState.FAILED]
    assert await environment.run(activities.send, order) is MailState.FAILED
    assert await mailbox.letters(order.recipient, "welcome-message") == []


async def test_mail_that_did_get_through_is_not_given_up(
    environment: ActivityEnvironment, activities: MailActivities, order: MailInput
) -> None:
    await send(environment, activities, order)

    assert await environment.run(activities.give_up, order.key) is MailState.ACCEPTED


async def test_record_contains_the_times_of_the_attempts(
    environment: ActivityEnvironment, activities: MailActivities, order: MailInput, resources: Resources
) -> None:
    began = datetime.now(UTC) - timedelta(milliseconds=1)

    await send(environment, activities, order)

    recorded = await document(resources, order.key)
    assert began <= recorded["createdAt"] <= recorded["updatedAt"] <= datetime.now(UTC)
