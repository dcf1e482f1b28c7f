"""What happened to an account, how much it matters, and which mail tells its owner."""

from collections.abc import Mapping
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


SEVERITIES = {
    EventKind.SIGN_IN_ABANDONED: Severity.MEDIUM,
    EventKind.DEVICE_REVOKED: Severity.MEDIUM,
    EventKind.RECOVERY_CODE_USED: Severity.MEDIUM,
    EventKind.WALLET_UNLINKED: Severity.MEDIUM,
    EventKind.PRIMARY_WALLET_SET: Severity.MEDIUM,
    EventKind.PRIMARY_WALLET_UNSET: Severity.MEDIUM,
    EventKind.WALLET_LINKED: Severity.HIGH,
    EventKind.ROLE_CHANGED: Severity.MEDIUM,
    EventKind.USERNAME_CHANGED: Severity.MEDIUM,
    EventKind.PASSWORD_CHANGED: Severity.HIGH,
    EventKind.EMAIL_CHANGED: Severity.HIGH,
    EventKind.EMAIL_REVERTED: Severity.HIGH,
    EventKind.PASSWORD_RESET: Severity.HIGH,
    EventKind.TWO_FACTOR_ENABLED: Severity.HIGH,
    EventKind.TWO_FACTOR_DISABLED: Severity.HIGH,
    EventKind.RECOVERY_CODES_REPLACED: Severity.HIGH,
    EventKind.SESSION_REUSED: Severity.HIGH,
    EventKind.ACCOUNT_DEACTIVATED: Severity.MEDIUM,
    EventKind.ACCOUNT_REACTIVATED: Severity.MEDIUM,
    EventKind.ACCOUNT_EXPORTED: Severity.MEDIUM,
}

NOTICES = {
    EventKind.SESSION_REUSED: MailKind.SESSION_REUSE_WARNING,
    EventKind.DEVICE_REVOKED: MailKind.DEVICE_CHANGED,
    EventKind.PASSWORD_CHANGED: MailKind.PASSWORD_CHANGED,
    EventKind.PASSWORD_RESET: MailKind.PASSWORD_CHANGED,
    EventKind.EMAIL_REVERTED: MailKind.EMAIL_CHANGED,
    EventKind.TWO_FACTOR_ENABLED: MailKind.TWO_FACTOR_CHANGED,
    EventKind.TWO_FACTOR_DISABLED: MailKind.TWO_FACTOR_CHANGED,
    EventKind.RECOVERY_CODES_REPLACED: MailKind.TWO_FACTOR_CHANGED,
    EventKind.WALLET_LINKED: MailKind.WALLET_CHANGED,
    EventKind.WALLET_UNLINKED: MailKind.WALLET_CHANGED,
    EventKind.PRIMARY_WALLET_SET: MailKind.WALLET_CHANGED,
    EventKind.PRIMARY_WALLET_UNSET: MailKind.WALLET_CHANGED,
}
"""Events that the owner is told of. The event is the intent: it stays open until the mail is ordered.

A changed address is told of by the flow that can take it back: its mail goes to the old one.
"""

NOT_NOTIFIED = frozenset(
    {
        EventKind.REGISTERED,
        EventKind.SESSION_REVOKED,
        EventKind.SESSIONS_REVOKED,
        EventKind.ACCOUNT_DEACTIVATED,
    }
)
"""Events without a notification: the user has just done and seen them. All others have their words in notifications."""


def is_told(kind: EventKind) -> bool:
    """Whether an event of this kind becomes a notification. Then the event is its intent."""
    return kind not in NOT_NOTIFIED


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

    @property
    def severity(self) -> Severity:
        return SEVERITIES.get(self.kind, Severity.INFO)

    @property
    def notice(self) -> MailKind | None:
        return NOTICES.get(self.kind)
