"""What happened to an account: kinds of events, and for each how much it matters and how its owner hears of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.delivery.mail import MailKind


class EventKind(StrEnum):
    REGISTERED = "registered"
    SIGNED_IN = "signed_in"
    SIGN_IN_ABANDONED = "sign_in_abandoned"
    SESSION_REUSED = "session_reused"
    SESSION_REVOKED = "session_revoked"
    SESSIONS_REVOKED = "sessions_revoked"
    DEVICE_REVOKED = "device_revoked"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a kind of event
    PASSWORD_RESET = "password_reset"  # noqa: S105 - a kind of event
    USERNAME_CHANGED = "username_changed"
    EMAIL_CHANGED = "email_changed"
    EMAIL_REVERTED = "email_reverted"
    TWO_FACTOR_ENABLED = "two_factor_enabled"
    TWO_FACTOR_DISABLED = "two_factor_disabled"
    RECOVERY_CODES_REPLACED = "recovery_codes_replaced"
    RECOVERY_CODE_USED = "recovery_code_used"
    WALLET_LINKED = "wallet_linked"
    WALLET_UNLINKED = "wallet_unlinked"
    PRIMARY_WALLET_SET = "primary_wallet_set"
    PRIMARY_WALLET_UNSET = "primary_wallet_unset"
    ROLE_CHANGED = "role_changed"
    ACCOUNT_DEACTIVATED = "account_deactivated"
    ACCOUNT_REACTIVATED = "account_reactivated"
    ACCOUNT_EXPORTED = "account_exported"


class Severity(StrEnum):
    INFO = "info"
    MEDIUM = "medium"
    HIGH = "high"


class NotificationStyle(StrEnum):
    """How an event is shown inside the app."""

    SIGN_IN = "sign_in"
    ALERT = "alert"
    ACCOUNT = "account"


@dataclass(frozen=True)
class EventNotification:
    """What an account's owner reads inside the app. `{app}` in `message` stands for the app of the event."""

    style: NotificationStyle
    title: str
    message: str


@dataclass(frozen=True)
class EventSpec:
    """All that is fixed for events of a kind. An event with a mail or a notification is the intent of it: it stays
    open until the mail is ordered, or the notification stored.
    """

    kind: EventKind
    severity: Severity = Severity.INFO
    mail: MailKind | None = None
    notification: EventNotification | None = None


@dataclass(frozen=True)
class SecurityEvent:
    """`device` is the client's own description, `address_prefix` /24 or /64, `details` for the audit alone."""

    event_id: str
    user_id: str
    kind: EventKind
    at: datetime
    device: str | None = None
    address_prefix: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)


def alert(title: str, message: str) -> EventNotification:
    """A notification that asks the user to act if they did not do this themselves."""
    return EventNotification(NotificationStyle.ALERT, title, f"{message} If this was not you, secure your account.")


def account_event(title: str, message: str) -> EventNotification:
    """A notification that only informs."""
    return EventNotification(NotificationStyle.ACCOUNT, title, message)


EVENTS: Sequence[EventSpec] = (
    EventSpec(
        EventKind.ROLE_CHANGED,
        severity=Severity.MEDIUM,
        notification=account_event("Role changed", "You have another role."),
    ),
)
