"""The states of a mail's record: three of them are its end."""

import re
from datetime import UTC, datetime

import pytest

from domain.delivery.mail import MailKind, MailState, mail_ended, unlinked
from domain.journal.occurrences import SYSTEM, Party, PartyKind


@pytest.mark.parametrize(
    ("state", "is_final"),
    [
        (MailState.RENDERED, False),
        (MailState.SENDING, False),
        (MailState.ACCEPTED, True),
        (MailState.BOUNCED, True),
        (MailState.FAILED, True),
    ],
)
def test_mail_server_has_spoken_or_not(state: MailState, is_final: bool) -> None:
    assert state.is_final is is_final


@pytest.mark.parametrize(
    "label",
    ["evil.example/x", "https://evil.example", "www.evil.example", "a@evil.example", "evil\u3002example", "1.2.3.4"],
)
def test_label_keeps_its_letters_and_is_no_link(label: str) -> None:
    shown = unlinked(label)

    assert shown.replace("\u2060", "") == label
    assert not re.search(r"\w[.:/@\u3002]|[.:/@\u3002]\w", shown)


def test_label_without_a_link_stays() -> None:
    assert unlinked("Firefox, Laptop") == "Firefox, Laptop"


@pytest.mark.parametrize(
    ("state", "type"),
    [
        (MailState.ACCEPTED, "mail.sent"),
        (MailState.BOUNCED, "mail.failed"),
        (MailState.FAILED, "mail.failed"),
        (MailState.SUPPRESSED, "mail.suppressed"),
    ],
)
def test_end_of_a_mail_names_its_record_kind_and_state(state: MailState, type: str) -> None:
    occurrence = mail_ended("ann.welcome", MailKind.WELCOME_MESSAGE, state, datetime(2026, 1, 31, tzinfo=UTC))

    assert (occurrence.type, occurrence.actor, occurrence.subject) == (
        type,
        SYSTEM,
        Party(PartyKind.MAIL, "ann.welcome"),
    )
    assert occurrence.public == {"kind": "welcome-message", "state": state}
