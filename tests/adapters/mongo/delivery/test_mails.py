"""A mail's record ends with what the mail server decided, also beside an attempt that is given up."""

import secrets
from datetime import UTC, datetime

import pytest

from adapters.resources import Resources
from domain.delivery.mail import MailKind, MailState, NewMail
from domain.journal.occurrences import OccurrenceType
from tests.support.occurrences import occurrences_of

NOW = datetime.now(UTC).replace(microsecond=0)


def new_mail(key: str) -> NewMail:
    return NewMail(key, MailKind.WELCOME_MESSAGE, f"<{key}@test>", "a hash", NOW)


@pytest.fixture
async def mail_key(resources: Resources) -> str:
    """The key of a recorded mail, of which an attempt is under way."""
    key = f"test.{secrets.token_hex(11)}"
    await resources.delivery.mails.record(new_mail(key))
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


@pytest.mark.parametrize(
    ("state", "type"), [(MailState.ACCEPTED, OccurrenceType.MAIL_SENT), (MailState.BOUNCED, OccurrenceType.MAIL_FAILED)]
)
async def test_mail_ends_in_one_occurrence_however_often_its_end_is_stored(
    resources: Resources, mail_key: str, state: MailState, type: OccurrenceType
) -> None:
    await resources.delivery.mails.finish_attempt(mail_key, state=state, reply="", now=NOW)
    await resources.delivery.mails.finish_attempt(mail_key, state=state, reply="", now=NOW)
    await resources.delivery.mails.give_up(mail_key, NOW)

    ended = {"kind": "welcome-message", "state": state}
    assert await occurrences_of(resources, mail_key) == [(type, ended)]


async def test_attempt_that_failed_for_now_is_no_occurrence(resources: Resources, mail_key: str) -> None:
    await resources.delivery.mails.finish_attempt(mail_key, state=MailState.SENDING, reply="450", now=NOW)

    assert await occurrences_of(resources, mail_key) == []


async def test_mail_that_is_not_to_be_sent_is_one_occurrence(resources: Resources) -> None:
    key, kind = f"test.{secrets.token_hex(11)}", OccurrenceType.MAIL_SUPPRESSED

    await resources.delivery.mails.record(new_mail(key), MailState.SUPPRESSED)
    await resources.delivery.mails.record(new_mail(key), MailState.SUPPRESSED)

    assert await occurrences_of(resources, key) == [(kind, {"kind": "welcome-message", "state": "suppressed"})]
