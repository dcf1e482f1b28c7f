"""A mail's record ends with what the mail server decided, also beside an attempt that is given up."""

import secrets
from datetime import UTC, datetime

import pytest

from adapters.resources import Resources
from domain.delivery.mail import MailKind, MailState, NewMail

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
async def mail_key(resources: Resources) -> str:
    """The key of a recorded mail, of which an attempt is under way."""
    key = f"test.{secrets.token_hex(11)}"
    await resources.delivery.mails.record(NewMail(key, MailKind.WELCOME_MESSAGE, f"<{key}@test>", "a hash", NOW))
    assert await resources.delivery.mails.start_attempt(key, NOW)
    return key


async def test_mail_that_is_accepted_meanwhile_is_not_given_up(resources: Resources, mail_key: str) -> None:
    mails = resources.delivery.mails
    await mails.finish_attempt(mail_key, state=MailState.ACCEPTED, reply="250", now=NOW)

    assert await mails.give_up(mail_key, NOW) is MailState.ACCEPTED


@pytest.mark.parametrize(
    ("ended", "stays"), [(MailState.SENDING, MailState.FAILED), (MailState.ACCEPTED, MailState.ACCEPTED)]
)
async def test_attempt_that_ends_after_the_mail_was_given_up_counts_if_the_server_decided(
    resources: Resources, mail_key: str, ended: MailState, stays: MailState
) -> None:
    mails = resources.delivery.mails
    await mails.give_up(mail_key, NOW)

    await mails.finish_attempt(mail_key, state=ended, reply="", now=NOW)

    assert await mails.get_state(mail_key) is stays


async def test_no_attempt_begins_once_the_mail_was_given_up(resources: Resources, mail_key: str) -> None:
    await resources.delivery.mails.give_up(mail_key, NOW)

    assert not await resources.delivery.mails.start_attempt(mail_key, NOW)
