"""Sending mails: few connections, kept open and replaced; and the meaning of each reply of a server."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from email.message import EmailMessage

import aiosmtplib
import pytest

from adapters.failures import Dependency, Failure, classify_failure
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


@pytest.mark.parametrize("reply", ["550 5.1.1 No such user", "553 5.1.3 Bad address", "552 5.2.2 Mailbox full"])
async def test_recipient_refused_for_good_is_a_bounce(relay: Relay, reply: str) -> None:
    relay.replies = {"RCPT": reply}
    smtp = SmtpClient(relay.server())

    handover = await smtp.send(letter("a@people.test"), recipient="a@people.test", sender=SENDER)

    assert handover.status is DeliveryStatus.BOUNCED
    assert handover.reply.startswith(reply[:3])


async def test_content_refused_for_good_is_a_bounce(relay: Relay) -> None:
    relay.replies = {"DATA": "554 5.7.1 Looks like spam"}

    assert await deliver(SmtpClient(relay.server())) is DeliveryStatus.BOUNCED


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("reply", ["421 4.3.2 Shutting down", "450 4.2.0 Greylisted", "452 4.5.3 Too many recipients"])
async def test_refusal_for_now_is_worth_another_try(relay: Relay, command: str, reply: str) -> None:
    relay.replies = {command: reply}

    error = await _refusal(SmtpClient(relay.server()))

    assert classify_failure(error) == Failure(Dependency.SMTP, is_transient=True)


@pytest.mark.parametrize("reply", ["550 5.7.1 Sender not allowed", "530 5.7.0 Authentication required"])
async def test_sender_refused_is_not_the_recipients_fault(relay: Relay, reply: str) -> None:
    relay.replies = {"MAIL": reply}

    error = await _refusal(SmtpClient(relay.server()))

    assert classify_failure(error) == Failure(Dependency.SMTP, is_transient=True)


@pytest.mark.parametrize("greeting", ["421 Too busy", "554 You are on a list"])
async def test_server_that_will_not_talk_is_not_the_recipients_fault(greeting: str) -> None:
    async with listening(Relay(greeting=greeting)) as relay:
        error = await _refusal(SmtpClient(relay.server()))

    assert classify_failure(error) == Failure(Dependency.SMTP, is_transient=True)


async def test_mail_after_a_refused_one_gets_a_clean_connection(relay: Relay) -> None:
    smtp = SmtpClient(relay.server())
    relay.replies = {"RCPT": "550 No"}
    await deliver(smtp)
    relay.replies = {}

    delivery = await deliver(smtp)

    await smtp.close()
    assert delivery is DeliveryStatus.ACCEPTED


async def _refusal(smtp: SmtpClient) -> Exception:
    try:
        delivery = await deliver(smtp)
    except Exception as error:
        return error
    raise AssertionError(f"nothing was raised: {delivery}")
