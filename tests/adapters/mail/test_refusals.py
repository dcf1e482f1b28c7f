"""What becomes of a mail that a server refuses: stage, reply and outcome, against a server that speaks SMTP."""

from email.message import EmailMessage

import aiosmtplib
import pytest

from adapters.failures import Dependency, Failure, classify_failure
from adapters.mail.smtp import DeliveryStatus, SmtpClient, SmtpResult
from tests.adapters.mail.relay import Relay, listening

SENDER = "no-reply@decode.test"
ANN = "ann@people.test"
WORTH_A_RETRY = Failure(Dependency.SMTP, is_transient=True)
STAGES = ["RCPT", "DATA", "."]
BAD_ADDRESS = ["550 5.1.1 No such user", "553 5.1.3 Bad syntax", "556 5.1.10 Null MX", "550 5.2.1 Disabled"]
BAD_ADDRESS_AT_RCPT = ["550 No such user", "551 User not local", "553 Mailbox name not allowed", "556 Takes no mail"]
OTHER_REFUSALS = [
    "421 4.3.2 Shutting down",
    "450 4.2.0 Greylisted",
    "452 4.5.3 Too many recipients",
    "450 5.1.1 Contradicts itself",
    "550 5.1.8 Sender's domain not found",
    "552 5.2.2 Mailbox full",
    "552 5.3.4 Message too big",
    "550 5.4.5 Daily quota exceeded",
    "553 5.6.7 Address is not ASCII",
    "554 5.7.1 Looks like spam",
    "550 5.7.26 Unauthenticated mail",
    "530 5.7.0 Authentication required",
    "501 Syntax error",
    "552 Exceeded storage allocation",
    "554 Transaction failed",
    "555 Parameters not recognized",
    "999 From another protocol",
    "this is no reply",
]


async def send(relay: Relay, recipient: str = ANN, *, sender: str = SENDER) -> SmtpResult:
    """Send one mail to a server with these faults."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, recipient, "A test"
    message.set_content("Grüße")
    async with listening(relay):
        return await SmtpClient(relay.server()).send(message, recipient=recipient, sender=sender)


async def failure_of(relay: Relay, recipient: str = ANN, *, sender: str = SENDER) -> Failure | None:
    """Return how the worker classifies the error of this mail."""
    with pytest.raises(aiosmtplib.SMTPException) as raised:
        await send(relay, recipient, sender=sender)
    return classify_failure(raised.value)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("reply", BAD_ADDRESS)
async def test_refused_address_bounces_at_every_stage(stage: str, reply: str) -> None:
    result = await send(Relay({stage: reply}))

    assert result == SmtpResult(DeliveryStatus.BOUNCED, reply, is_bad_address=True)


@pytest.mark.parametrize("reply", BAD_ADDRESS_AT_RCPT)
async def test_recipient_refused_without_an_enhanced_code_bounces(reply: str) -> None:
    result = await send(Relay({"RCPT": reply}))

    assert result == SmtpResult(DeliveryStatus.BOUNCED, reply, is_bad_address=True)


@pytest.mark.parametrize("stage", ["DATA", "."])
@pytest.mark.parametrize("reply", BAD_ADDRESS_AT_RCPT)
async def test_content_refused_without_an_enhanced_code_is_worth_a_retry(stage: str, reply: str) -> None:
    assert await failure_of(Relay({stage: reply})) == WORTH_A_RETRY


@pytest.mark.parametrize("stage", ["MAIL", *STAGES])
@pytest.mark.parametrize("reply", OTHER_REFUSALS)
async def test_any_other_refusal_is_worth_a_retry(stage: str, reply: str) -> None:
    assert await failure_of(Relay({stage: reply})) == WORTH_A_RETRY


@pytest.mark.parametrize("reply", [*BAD_ADDRESS, *BAD_ADDRESS_AT_RCPT])
async def test_refused_sender_is_worth_a_retry(reply: str) -> None:
    assert await failure_of(Relay({"MAIL": reply})) == WORTH_A_RETRY


@pytest.mark.parametrize("greeting", ["421 Too busy", "554 You are on a list", "550 5.1.1 No", "no greeting"])
async def test_server_that_will_not_talk_is_worth_a_retry(greeting: str) -> None:
    assert await failure_of(Relay(greeting=greeting)) == WORTH_A_RETRY


@pytest.mark.parametrize("address", ["jö@people.test", "ann@bücher.test", "用户@例子.test"])
async def test_address_that_needs_smtputf8_bounces_where_it_is_missing(address: str) -> None:
    result = await send(Relay(), address)

    assert result == SmtpResult(DeliveryStatus.BOUNCED, "SMTPUTF8 is not offered")


async def test_address_that_needs_smtputf8_gets_its_mail_where_it_is_offered() -> None:
    assert (await send(Relay(takes_utf8=True), "jö@people.test")).status is DeliveryStatus.ACCEPTED


async def test_sender_that_needs_smtputf8_is_worth_a_retry() -> None:
    assert await failure_of(Relay(), sender="grüße@decode.test") == WORTH_A_RETRY


@pytest.mark.parametrize("address", ["an n@people.test", "a\x01nn@people.test"])
async def test_address_that_no_command_can_hold_bounces(address: str) -> None:
    result = await send(Relay(), address)

    assert result == SmtpResult(DeliveryStatus.BOUNCED, "the address is malformed", is_bad_address=True)


@pytest.mark.parametrize(("stage", "status"), [("RCPT", "550 5.1.1"), (".", "250 2.0.0")])
async def test_reply_that_is_not_utf8_can_be_recorded(stage: str, status: str) -> None:
    result = await send(Relay({stage: f"{status} à bientôt"}))

    assert result.reply.encode().endswith(b" ? bient?t")
