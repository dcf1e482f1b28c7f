"""What a mail shows: a label that a stranger has chosen is text in every letter, never a link."""

import re
from email.message import EmailMessage

import pytest

from adapters.mail.render import TEMPLATES, MailRenderer
from domain.delivery.mail import MailKind

RENDERER = MailRenderer("Decode <no-reply@decode.test>")
NAMES = (
    *("username", "origin", "at", "date", "code", "minutes", "flow_id", "new_username", "prefix"),
    *("seq", "hash", "token", "reason", "checked"),
)
LABEL = "https://evil.example/x, www.evil.example"
LINK = re.compile(r"https?:|www\.|evil\.|\.example|example/")


def events(kind: MailKind) -> list[str]:
    """The events that the template of a mail tells apart, and one that it does not name."""
    text = (TEMPLATES / kind / "body.txt").read_text(encoding="utf-8")
    return [*re.findall(r'event == "(\w+)"', text), "another"]


def rendered(kind: MailKind, event: str, label: str) -> EmailMessage:
    """A mail of this kind, about an event on a device with this label, or about an API key with it."""
    variables = {**dict.fromkeys(NAMES, "7"), "device": label, "name": label, "event": event}
    return RENDERER.render(kind, mail_key="key", recipient="a@people.test", locale="en", variables=variables)


def part(mail: EmailMessage, kind: str) -> str:
    """The text or the HTML of a mail."""
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


EVERY = [(kind, event) for kind in MailKind for event in events(kind)]
SHOWING = [mail for mail in EVERY if "Laptop" in part(rendered(*mail, "Laptop"), "plain")]


@pytest.mark.parametrize(("kind", "event"), SHOWING)
@pytest.mark.parametrize("body", ["plain", "html"])
def test_label_of_a_device_or_key_is_no_link_in_a_letter(kind: MailKind, event: str, body: str) -> None:
    shown = part(rendered(kind, event, LABEL), body)

    assert LABEL in shown.replace("\u2060", "")
    assert not LINK.search(shown)


def test_letters_that_show_a_device_or_key_are_found() -> None:
    assert len({kind for kind, _ in SHOWING}) == sum(
        "|unlinked }}" in each.read_text() for each in TEMPLATES.glob("*/body.txt")
    )
