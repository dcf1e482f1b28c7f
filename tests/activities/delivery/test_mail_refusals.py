"""A mail that the server refuses: bounced or tried again, its account flagged or not, its record without addresses."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiosmtplib
import pytest
from bson import ObjectId
from temporalio.testing import ActivityEnvironment

from activities.delivery.mail import MailActivities, MailInput
from adapters.mail.smtp import SmtpClient
from adapters.resources import Resources
from domain.delivery.mail import MailState
from tests.activities.delivery.conftest import activities_with, document, send
from tests.adapters.mail.relay import Relay, listening
from tests.support.people import SignedIn, new_person


@pytest.fixture
async def relay() -> AsyncIterator[Relay]:
    """A server without SMTPUTF8."""
    async with listening(Relay()) as relay:
        yield relay


@pytest.fixture
def activities(resources: Resources, relay: Relay) -> MailActivities:
    return activities_with(resources, SmtpClient(relay.server()))


async def account_of(resources: Resources, someone: SignedIn) -> dict[str, Any]:
    found = await resources.clients.database["users"].find_one({"_id": ObjectId(someone.user["_id"])})
    assert found is not None
    return found


async def test_refused_address_bounces_and_flags_the_account(
    environment: ActivityEnvironment,
    activities: MailActivities,
    order: MailInput,
    resources: Resources,
    someone: SignedIn,
    relay: Relay,
) -> None:
    relay.replies = {"RCPT": "550 5.1.1 No such user"}

    state = await send(environment, activities, replace(order, recipient=order.recipient.title()))

    assert state is MailState.BOUNCED
    assert (await account_of(resources, someone))["mail_flag"].keys() == {"reason", "at"}
    assert (await document(resources, order.key))["last_reply"] == "550 5.1.1 No such user"


async def test_refused_address_without_an_account_bounces_all_the_same(
    environment: ActivityEnvironment, activities: MailActivities, order: MailInput, relay: Relay
) -> None:
    relay.replies = {"RCPT": "550 5.1.1 No such user"}

    assert await send(environment, activities, replace(order, recipient=new_person().email)) is MailState.BOUNCED


@pytest.mark.parametrize(
    ("stage", "reply"),
    [
        ("MAIL", "550 5.1.1 No such sender"),
        ("RCPT", "550 5.4.5 Daily quota exceeded"),
        ("DATA", "554 5.7.1 On a list"),
        (".", "554 5.7.1 Looks like spam"),
    ],
)
async def test_any_other_permanent_refusal_is_worth_another_try_and_flags_no_account(
    environment: ActivityEnvironment,
    activities: MailActivities,
    order: MailInput,
    resources: Resources,
    someone: SignedIn,
    relay: Relay,
    stage: str,
    reply: str,
) -> None:
    relay.replies = {stage: reply}

    with pytest.raises(aiosmtplib.SMTPResponseException) as raised:
        await send(environment, activities, order)

    recorded = await document(resources, order.key)
    assert (recorded["state"], recorded["last_reply"]) == ("sending", f"{reply[:9]} {raised.typename}")
    assert "mail_flag" not in await account_of(resources, someone)


async def test_address_that_the_server_cannot_take_bounces_at_once_and_flags_no_account(
    environment: ActivityEnvironment,
    activities: MailActivities,
    order: MailInput,
    resources: Resources,
    someone: SignedIn,
) -> None:
    address = f"jö.{order.recipient}"
    its_address = {"$set": {"email": address, "email_key": address}}
    await resources.clients.database["users"].update_one({"_id": ObjectId(someone.user["_id"])}, its_address)

    state = await send(environment, activities, replace(order, recipient=address))

    recorded = await document(resources, order.key)
    assert (state, recorded["attempts"]) == (MailState.BOUNCED, 1)
    assert recorded["last_reply"] == "SMTPUTF8 is not offered"
    assert "mail_flag" not in await account_of(resources, someone)


async def test_mail_accepted_with_a_reply_that_is_not_utf8_is_not_sent_again(
    environment: ActivityEnvironment, activities: MailActivities, order: MailInput, relay: Relay
) -> None:
    relay.replies = {".": "250 2.0.0 Message reçu"}

    states = [await send(environment, activities, order) for _ in range(2)]

    assert states == [MailState.ACCEPTED, MailState.ACCEPTED]
    assert relay.letters == 1


async def test_reply_that_names_the_recipient_is_not_kept_in_clear(
    environment: ActivityEnvironment, activities: MailActivities, order: MailInput, resources: Resources, relay: Relay
) -> None:
    relay.replies = {"RCPT": "550 5.1.1 <{address}>: Recipient address rejected"}

    state = await send(environment, activities, order)

    assert state is MailState.BOUNCED
    assert order.recipient not in str(await document(resources, order.key))


async def test_given_up_mail_keeps_the_reason_of_the_last_refusal(
    environment: ActivityEnvironment, activities: MailActivities, order: MailInput, resources: Resources, relay: Relay
) -> None:
    relay.replies = {"RCPT": "554 5.7.1 On a list"}
    with pytest.raises(aiosmtplib.SMTPRecipientRefused):
        await send(environment, activities, order)

    await environment.run(activities.give_up, order.key)

    recorded = await document(resources, order.key)
    assert (recorded["state"], recorded["last_reply"]) == ("failed", "554 5.7.1 SMTPRecipientRefused")
