"""The mailbox over real SMTP and HTTP: what it stores, what it refuses, and the faults it can inject."""

import smtplib
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from devstack.stack import Stack

SENDER = "no-reply@decode.example"


@pytest.fixture
def web(mailbox_stack: Stack) -> Iterator[httpx.Client]:
    """The mailbox's HTTP side, emptied and without faults."""
    with httpx.Client(base_url=mailbox_stack.url("mailbox"), trust_env=False, timeout=5) as client:
        client.delete("/messages").raise_for_status()
        client.put("/faults", json={"mode": "none"}).raise_for_status()
        yield client


def letter(to: str = "ada@example.org") -> EmailMessage:
    message = EmailMessage()
    message["From"] = f"Decode <{SENDER}>"
    message["To"] = to
    message["Subject"] = "Your code, Zoë"
    message["X-Decode-Kind"] = "registration_code"
    message.set_content("123456\n")
    message.add_alternative("<p>123456</p>\n", subtype="html")
    return message


def connect(stack: Stack, *, seconds: float = 5) -> smtplib.SMTP:
    place = urlsplit(stack.environment()["DECODE_SMTP_URL"])
    return smtplib.SMTP(str(place.hostname), int(place.port or 0), timeout=seconds)


def sign_in(stack: Stack, *, seconds: float = 5) -> smtplib.SMTP:
    """A connection as the product makes it: the certificate is checked."""
    variables = stack.environment()
    place = urlsplit(variables["DECODE_SMTP_URL"])
    connection = connect(stack, seconds=seconds)
    connection.starttls(context=ssl.create_default_context(cafile=variables["DECODE_SMTP_CA_FILE"]))
    connection.login(str(place.username), str(place.password))
    return connection


def listed(web: httpx.Client, **query: str) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = web.get("/messages", params=query).json()["messages"]
    return messages


def test_sent_letter_is_listed_oldest_first_and_by_recipient(mailbox_stack: Stack, web: httpx.Client) -> None:
    with sign_in(mailbox_stack) as connection:
        connection.send_message(letter("ada@example.org"))
        connection.send_message(letter("bob@example.org"))

    assert [row["to"] for row in listed(web)] == ["ada@example.org", "bob@example.org"]
    (row,) = listed(web, to="BOB@example.org")
    assert row.keys() == {"id", "to", "subject", "kind", "at"}
    assert row["subject"] == "Your code, Zoë"
    assert row["kind"] == "registration_code"


def test_sent_letter_is_kept_whole(mailbox_stack: Stack, web: httpx.Client) -> None:
    with sign_in(mailbox_stack) as connection:
        connection.send_message(letter())

    (row,) = listed(web)
    message = web.get(f"/messages/{row['id']}").json()
    assert message.keys() == {"id", "from", "to", "subject", "headers", "text", "html", "raw"}
    assert message["from"] == SENDER
    assert message["headers"]["x-decode-kind"] == "registration_code"
    assert message["text"].strip() == "123456"
    assert message["html"].strip() == "<p>123456</p>"
    assert "MIME-Version: 1.0" in message["raw"]


def test_letter_without_sign_in_is_refused(mailbox_stack: Stack, web: httpx.Client) -> None:
    with connect(mailbox_stack) as plain, pytest.raises(smtplib.SMTPResponseException, match="STARTTLS"):
        plain.send_message(letter())

    assert listed(web) == []


def test_wrong_password_is_refused(mailbox_stack: Stack, web: httpx.Client) -> None:
    context = ssl.create_default_context(cafile=mailbox_stack.environment()["DECODE_SMTP_CA_FILE"])
    with connect(mailbox_stack) as connection:
        connection.starttls(context=context)
        with pytest.raises(smtplib.SMTPAuthenticationError):
            connection.login("decode", "wrong")


@pytest.mark.parametrize(("mode", "code"), [("reject_4xx", 451), ("reject_5xx", 550)])
def test_rejecting_mailbox_answers_its_code_and_keeps_nothing(
    mailbox_stack: Stack, web: httpx.Client, mode: str, code: int
) -> None:
    web.put("/faults", json={"mode": mode}).raise_for_status()

    with sign_in(mailbox_stack) as connection, pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        connection.send_message(letter())

    assert refused.value.recipients["ada@example.org"][0] == code
    assert listed(web) == []


def test_hanging_mailbox_never_answers_and_keeps_nothing(mailbox_stack: Stack, web: httpx.Client) -> None:
    connection = sign_in(mailbox_stack, seconds=0.5)
    web.put("/faults", json={"mode": "hang"}).raise_for_status()

    with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
        connection.send_message(letter())

    connection.close()
    assert listed(web) == []


def test_mailbox_that_closes_after_data_has_kept_the_letter(mailbox_stack: Stack, web: httpx.Client) -> None:
    web.put("/faults", json={"mode": "close_after_data"}).raise_for_status()
    connection = sign_in(mailbox_stack)

    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        connection.send_message(letter())

    connection.close()
    assert len(listed(web)) == 1


def test_fault_spares_those_it_is_not_for(mailbox_stack: Stack, web: httpx.Client) -> None:
    web.put("/faults", json={"mode": "reject_5xx", "rate": 1, "to": "*@BAD.example"}).raise_for_status()

    with sign_in(mailbox_stack) as connection:
        connection.send_message(letter("ada@good.example"))
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            connection.send_message(letter("eve@bad.example"))

    assert [row["to"] for row in listed(web)] == ["ada@good.example"]


def test_rate_of_zero_injects_no_fault(mailbox_stack: Stack, web: httpx.Client) -> None:
    web.put("/faults", json={"mode": "reject_4xx", "rate": 0}).raise_for_status()

    with sign_in(mailbox_stack) as connection:
        connection.send_message(letter())

    assert len(listed(web)) == 1


@pytest.mark.parametrize("body", [{"mode": "explode"}, {"mode": "hang", "rate": 2}, {"mood": "none"}, []])
def test_faults_that_make_no_sense_are_refused(web: httpx.Client, body: object) -> None:
    assert web.put("/faults", json=body).status_code == 422


def test_page_shows_a_letter_as_text_not_as_markup(mailbox_stack: Stack, web: httpx.Client) -> None:
    message = letter()
    message.replace_header("Subject", "<script>alert(1)</script>")
    with sign_in(mailbox_stack) as connection:
        connection.send_message(message)

    page = web.get("/").text
    one = web.get(f"/read/{listed(web)[0]['id']}").text
    assert "&lt;script&gt;" in page
    assert "<script" not in page + one
    assert "sandbox" in one


def test_letter_that_is_not_there_is_not_found(web: httpx.Client) -> None:
    assert web.get("/messages/0").status_code == 404
