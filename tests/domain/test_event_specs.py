"""The severity of each event, and how its owner is notified."""

from datetime import UTC, datetime

import pytest

from domain.accounts import security_events as accounts
from domain.auth import security_events as auth
from domain.delivery.mail import MailKind
from domain.event_specs import EVENT_SPECS, event_occurrence
from domain.journal.occurrences import PartyKind, user_party
from domain.users import security_events as users
from domain.users.security_events import BY_OPERATOR, EventKind, SecurityEvent, Severity

EVENT_ID, USER_ID, ADMIN_ID = "1" * 24, "2" * 24, "3" * 24
OWNER = user_party(USER_ID)
AT = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)

TOLD_BY_ITS_FLOW = {EventKind.EMAIL_CHANGED}
"""By the one mail that holds the way back."""


@pytest.mark.parametrize("kind", EventKind)
def test_owner_is_notified_of_the_most_severe_events(kind: EventKind) -> None:
    spec = EVENT_SPECS[kind]

    assert spec.mail is not None or spec.severity is not Severity.HIGH or kind in TOLD_BY_ITS_FLOW


def test_sign_in_is_noted_and_not_mailed() -> None:
    spec = EVENT_SPECS[EventKind.SIGNED_IN]

    assert (spec.severity, spec.mail) == (Severity.INFO, None)


def test_reused_session_has_a_letter_of_its_own() -> None:
    assert EVENT_SPECS[EventKind.SESSION_REUSED].mail is MailKind.SESSION_REUSE_WARNING


def test_every_kind_has_one_row() -> None:
    assert set(EVENT_SPECS) == set(EventKind)


def test_no_kind_has_two_rows() -> None:
    rows = [spec.kind for area in (users, auth, accounts) for spec in area.EVENTS]

    assert len(rows) == len(set(rows))


def test_occurrence_of_an_event_has_its_id_and_owner() -> None:
    occurrence = event_occurrence(SecurityEvent(EVENT_ID, USER_ID, EventKind.SIGNED_IN, AT, "Laptop", "192.0.2.0/24"))

    assert (occurrence.occurrence_id, occurrence.actor, occurrence.subject) == (EVENT_ID, OWNER, OWNER)
    assert occurrence.actor_words == {"device": "Laptop", "network": "192.0.2.0/24"}


def test_role_is_assigned_by_who_is_named() -> None:
    details = {"by": ADMIN_ID, "from": "user", "to": "admin"}
    occurrence = event_occurrence(SecurityEvent(EVENT_ID, USER_ID, EventKind.ROLE_CHANGED, AT, details=details))

    assert (occurrence.actor, occurrence.public) == (user_party(ADMIN_ID), {"from": "user", "to": "admin"})


def test_operator_is_a_party_of_its_own() -> None:
    event = SecurityEvent(EVENT_ID, USER_ID, EventKind.ROLE_CHANGED, AT, details={"by": BY_OPERATOR})

    assert event.actor.kind is PartyKind.OPERATOR


def test_nothing_says_who_acted_when_it_is_a_suspicion() -> None:
    occurrence = event_occurrence(SecurityEvent(EVENT_ID, USER_ID, EventKind.SESSION_REUSED, AT, "Laptop"))

    assert (occurrence.actor, occurrence.subject_words) == (None, {"device": "Laptop"})
