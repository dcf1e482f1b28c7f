"""A mail to a user, and its way through the activities."""

import secrets
from collections.abc import AsyncIterator
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.delivery.deliveries import Deliveries
from activities.delivery.mail import MailActivities, MailInput
from adapters.mail.smtp import SmtpClient
from adapters.resources import Resources
from domain.delivery.mail import MailKind, MailState
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn


@pytest.fixture
def order(someone: SignedIn) -> MailInput:
    """A welcome mail to a user with an account."""
    variables = {"username": someone.person.username, "minutes": "10"}
    return MailInput(f"test.{secrets.token_hex(11)}", MailKind.WELCOME_MESSAGE, someone.person.email, variables)


@pytest.fixture
def activities(resources: Resources) -> MailActivities:
    return activities_with(resources, resources.delivery.smtp)


@pytest.fixture
async def faulty(mailbox: Mailbox) -> AsyncIterator[Mailbox]:
    """A mailbox that may be broken, and is well again afterwards."""
    yield mailbox
    await mailbox.break_with("none")


def activities_with(resources: Resources, smtp: SmtpClient) -> MailActivities:
    """Without caps: those are the subject of test_mail_caps.py."""
    deliveries = Deliveries(
        mails=resources.delivery.mails,
        renderer=resources.delivery.mail_renderer,
        smtp=smtp,
        codes=resources.codes,
        hashes=resources.hashes,
        rate_limits=resources.rate_limits,
        policies=(),
    )
    return MailActivities(deliveries)


async def document(resources: Resources, key: str) -> dict[str, Any]:
    found = await resources.clients.database["mails"].find_one({"key": key})
    assert found is not None
    return found


async def send(environment: ActivityEnvironment, activities: MailActivities, order: MailInput) -> MailState:
    await environment.run(activities.record, order)
    state: MailState = await environment.run(activities.send, order)
    return state
