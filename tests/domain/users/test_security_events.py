"""How much an event matters, and whom it is told to."""

import pytest

from domain.delivery.mail import MailKind
from domain.users.security_events import EventKind, SecurityEvent, Severity
from tests.support.builders import NOW, USER

TOLD_BY_ITS_FLOW = {EventKind.EMAIL_CHANGED}
"""By the one mail that holds the way back."""


def event(kind: EventKind) -> SecurityEvent:
    return SecurityEvent("0123456789abcdef01234567", USER.user_id, kind, NOW)


@pytest.mark.parametrize("kind", EventKind)
def test_owner_is_told_of_whatever_matters_most(kind: EventKind) -> None:
    is_high = event(kind).severity is Severity.HIGH

    assert event(kind).notice is not None or not is_high or kind in TOLD_BY_ITS_FLOW


def test_sign_in_is_noted_and_not_mailed() -> None:
    assert (event(EventKind.SIGNED_IN).severity, event(EventKind.SIGNED_IN).notice) == (Severity.INFO, None)


def test_reused_session_has_a_letter_of_its_own() -> None:
    assert event(EventKind.SESSION_REUSED).notice is MailKind.SESSION_REUSE_WARNING
