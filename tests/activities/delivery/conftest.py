"""A mail to a user, and its way through the activities."""

import secrets
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.delivery.mail import MailActivities, MailInput
from adapters.mail.smtp import SmtpClient
from adapters.resources import Resources
from domain.delivery.mail import MailKind, MailState
from tests.support.people import SignedIn


@pytest.fixture
def order(someone: SignedIn) -> MailInput:
    """A welcome mail to a user with an account."""
    variables = {"username": someone.person.username, "minutes": "10"}
    return MailInput(f"test.{secrets.token_hex(11)}", MailKind.WELCOME_MESSAGE, someone.person.email, variables)


def activities_with(resources: Resources, smtp: SmtpClient) -> MailActivities:
    """Without caps: those are the subject of test_mail_caps.py."""
    return MailActivities(
        mails=resources.delivery.mails,
        renderer=resources.delivery.mail_renderer,
        smtp=smtp,
        codes=resources.codes,
        hashes=resources.hashes,
        rate_limits=resources.rate_limits,
        policies=(),
    )


async def document(resources: Resources, key: str) -> dict[str, Any]:
    found = await resources.clients.database["mails"].find_one({"key": key})
    assert found is not None
    return found


async def send(environment: ActivityEnvironment, activities: MailActivities, order: MailInput) -> MailState:
    await environment.run(activities.record, order)
    state: MailState = await environment.run(activities.send, order)
    return state
