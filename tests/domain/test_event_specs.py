"""The severity of each event, and how its owner is notified."""

import pytest

from domain.accounts import security_events as accounts
from domain.auth import security_events as auth
from domain.delivery.mail import MailKind
from domain.event_specs import EVENT_SPECS
from domain.users import security_events as users
from domain.users.security_events import EventKind, Severity

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
