"""Security events of the accounts area."""

from collections.abc import Sequence

from domain.delivery.mail import MailKind
from domain.journal.occurrences import OccurrenceType
from domain.users.security_events import EventKind, EventSpec, Severity, account_event, alert

# EMAIL_CHANGED has no mail here: the flow that can revert the change sends it, to the old address.
EVENTS: Sequence[EventSpec] = (
    EventSpec(
        EventKind.REGISTERED,
        OccurrenceType.USER_CREATED,
    ),
    EventSpec(
        EventKind.USERNAME_CHANGED,
        OccurrenceType.USER_USERNAME_CHANGED,
        severity=Severity.MEDIUM,
        notification=account_event("Username changed", "You have a new username."),
    ),
    EventSpec(
        EventKind.EMAIL_CHANGED,
        OccurrenceType.USER_EMAIL_CHANGED,
        severity=Severity.HIGH,
        notification=alert("E-mail address changed", "Your account has a new e-mail address."),
    ),
    EventSpec(
        EventKind.EMAIL_REVERTED,
        OccurrenceType.USER_EMAIL_REVERTED,
        severity=Severity.HIGH,
        mail=MailKind.EMAIL_CHANGED,
        notification=alert("E-mail address restored", "Your account has its former e-mail address again."),
    ),
    EventSpec(
        EventKind.ACCOUNT_DEACTIVATED,
        OccurrenceType.USER_DEACTIVATED,
        severity=Severity.MEDIUM,
    ),
    EventSpec(
        EventKind.ACCOUNT_REACTIVATED,
        OccurrenceType.USER_REACTIVATED,
        severity=Severity.MEDIUM,
        notification=account_event("Welcome back", "Your account is active again."),
    ),
    EventSpec(
        EventKind.ACCOUNT_EXPORTED,
        OccurrenceType.USER_EXPORTED,
        severity=Severity.MEDIUM,
        notification=account_event("Export asked for", "A file with all your data was asked for."),
    ),
)
