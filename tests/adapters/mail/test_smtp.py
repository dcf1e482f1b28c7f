"""Sending mails: few connections, kept open and replaced; and the meaning of each reply of a server."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from email.message import EmailMessage

import aiosmtplib
import pytest

from adapters.mail.smtp import DeliveryStatus, SmtpClient, SmtpSettings
from config.settings import Settings
from tests.adapters.mail.relay import Relay, listening
from tests.support.mailbox import Mailbox
from tests.support.people import new_person

SENDER = "no-reply@decode.test"


@pytest.fixture
async def relay() -> AsyncIterator[Relay]:
    async with listening(Relay()) as relay:
        yield relay


@pytest.fixture
def real(settings: Settings) -> SmtpSettings:
    """The stack's own mail server, which demands STARTTLS and a password."""
    url = settings.smtp_url.get_secret_value()
    return SmtpSettings(url, starttls=True, tls=False, ca_file=settings.smtp_ca_file, connections=2)


def letter(to: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = SENDER, to, "A test"
    message["X-Decode-Kind"] = "test"
    message.set_content("Hello")
    return message


async def deliver(smtp: SmtpClient, to: str = "someone@people.test") -> DeliveryStatus:
    return (await smtp.send(letter(to), recipient=to, sender=SENDER)).status


async def test_mail_reaches_a_server_that_demands_tls_and_a_password(real: SmtpSettings, mailbox: Mailbox) -> None:
    smtp, to = SmtpClient(real), new_person().email

    delivery = await deliver(smtp, to)

    await smtp.close()
    assert delivery is DeliveryStatus.ACCEPTED
    assert (await mailbox.letter(to, "test"))["subject"] == "A test"


async def test_server_with_an_untrusted_certificate_gets_no_mail(real: SmtpSettings, mailbox: Mailbox) -> None:
    smtp, to = SmtpClient(replace(real, ca_file=None)), new_person().email

    with pytest.raises((ssl.SSLError, aiosmtplib.SMTPException)):
        await deliver(smtp, to)

    assert await mailbox.letters(to, "test") == []


async def test_server_without_tls_gets_no_mail_where_tls_is_set(relay: Relay) -> None:
    smtp = SmtpClient(replace(relay.server(), starttls=True))

    with pytest.raises(aiosmtplib.SMTPException):
        await deliver(smtp)

    assert relay.letters == 0


async def test_wrong_password_is_not_the_recipients_fault(real: SmtpSettings) -> None:
    host = real.url.rpartition("@")[2]
    smtp = SmtpClient(replace(real, url=f"smtp://decode:wrong%3Apassword@{host}"))

    with pytest.raises(aiosmtplib.SMTPAuthenticationError):
        await deliver(smtp)


async def test_connection_is_kept_for_the_next_mail(relay: Relay) -> None:
    smtp = SmtpClient(relay.server())

    deliveries = [await deliver(smtp) for _ in range(3)]

    await smtp.close()
    assert deliveries == [DeliveryStatus.ACCEPTED] * 3
    assert (relay.callers, relay.letters) == (1, 3)


async def test_connection_that_the_server_has_closed_is_replaced(relay: Relay) -> None:
    relay.hangs_up_after_each = True
    smtp = SmtpClient(relay.server())
    await deliver(smtp)
    # Another conversation, in the course of which the end of the first is seen.
    await SmtpClient(relay.server()).ping()

    delivery = await deliver(smtp)

    await smtp.close()
    assert delivery is DeliveryStatus.ACCEPTED
    assert relay.letters == 2


async def test_no_more_connections_than_set(relay: Relay) -> None:
    smtp = SmtpClient(relay.server(connections=3))

    await asyncio.gather(*(deliver(smtp) for _ in range(20)))

    await smtp.close()
    assert relay.letters == 20
    assert relay.callers <= 3


async def test_ping_comes_through(real: SmtpSettings) -> None:
    await SmtpClient(real).ping()


async def test_mail_after_a_refused_one_gets_a_clean_connection(relay: Relay) -> None:
    smtp = SmtpClient(relay.server())
    relay.replies = {"RCPT": "550 No"}
    await deliver(smtp)
    relay.replies = {}

    delivery = await deliver(smtp)

    await smtp.close()
    assert delivery is DeliveryStatus.ACCEPTED
