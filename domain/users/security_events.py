"""Security events of accounts: their kinds, and for each its severity and how the owner is notified."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.delivery.mail import MailKind
from domain.journal.flow_ends import FlowRef
from domain.journal.occurrences import OccurrenceType, Party, PartyKind, user_party


# Kinds of security events. No docstrings here and on Severity: Pydantic shows them in docs/openapi.json.
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
    GRANT_CREATED = "grant_created"
    GRANT_DELETED = "grant_deleted"
    ACCOUNT_DEACTIVATED = "account_deactivated"
    ACCOUNT_REACTIVATED = "account_reactivated"
    ACCOUNT_EXPORTED = "account_exported"
    API_KEY_CREATED = "api_key_created"
    API_KEY_UPDATED = "api_key_updated"
    API_KEY_ROTATED = "api_key_rotated"
    API_KEY_REVOKED = "api_key_revoked"


class Severity(StrEnum):
    INFO = "info"
    MEDIUM = "medium"
    HIGH = "high"


class NotificationStyle(StrEnum):
    """How an event is shown in the app."""

    SIGN_IN = "sign_in"
    ALERT = "alert"
    ACCOUNT = "account"


@dataclass(frozen=True)
class EventNotification:
    """In-app text for the account's owner. `{app}` in `message` is replaced by the app of the event."""

    style: NotificationStyle
    title: str
    message: str


@dataclass(frozen=True)
class EventSpec:
    """Fixed properties of events of one kind. An event with a mail is its intent, until the mail is ordered. The
    notification is stored with the event; where that cannot be, the event is its intent too. `occurrence`: its type
    in the journal.
    """

    kind: EventKind
    occurrence: OccurrenceType
    severity: Severity = Severity.INFO
    mail: MailKind | None = None
    notification: EventNotification | None = None


BY_OPERATOR = "command"
"""`details["by"]` of an event that an operator caused, with access to the product's settings."""


@dataclass(frozen=True)
class SecurityEvent:
    """An event of an account. `device`: the client's own description. `address_prefix`: /24 (IPv4) or /64 (IPv6).
    `details`: for the audit, and the app of the notification text. `completes`: the flow that it is the end of.
    """

    event_id: str
    user_id: str
    kind: EventKind
    at: datetime
    device: str | None = None
    address_prefix: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    completes: FlowRef | None = None

    @property
    def actor(self) -> Party:
        """Who did it: the account's owner, unless the details name another user or an operator."""
        by = self.details.get("by", self.user_id)
        return Party(PartyKind.OPERATOR, by) if by == BY_OPERATOR else user_party(by)


@dataclass(frozen=True)
class PendingEvents:
    """Events whose notification is pending. `unreadable`: ids of users with one of a kind that this build does not
    know, none of whose events are in `events`. `count`: of all, readable or not.
    """

    events: Sequence[SecurityEvent]
    unreadable: Collection[str]
    count: int


def alert(title: str, message: str) -> EventNotification:
    """A notification that asks the user to act if they did not do this themselves."""
    return EventNotification(NotificationStyle.ALERT, title, f"{message} If this was not you, secure your account.")


def account_event(title: str, message: str) -> EventNotification:
    """A notification that only informs."""
    return EventNotification(NotificationStyle.ACCOUNT, title, message)


EVENTS: Sequence[EventSpec] = (
    EventSpec(
        EventKind.ROLE_CHANGED,
        OccurrenceType.ROLE_ASSIGNED,
        severity=Severity.MEDIUM,
        notification=account_event("Role changed", "You have another role."),
    ),
    EventSpec(
        EventKind.GRANT_CREATED,
        OccurrenceType.GRANT_CREATED,
        severity=Severity.MEDIUM,
        notification=account_event("Right given", "You have been given a right."),
    ),
    EventSpec(
        EventKind.GRANT_DELETED,
        OccurrenceType.GRANT_DELETED,
        severity=Severity.MEDIUM,
        notification=account_event("Right taken", "A right that you had been given was taken from you."),
    ),
)
