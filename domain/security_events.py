"""What happened to an account, how much it matters, and which mail tells its owner."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.mail import MailKind


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
    TWO_FACTOR_ENABLED = "two_factor_enabled"
    TWO_FACTOR_DISABLED = "two_factor_disabled"
    RECOVERY_CODES_REPLACED = "recovery_codes_replaced"
    RECOVERY_CODE_USED = "recovery_code_used"
    WALLET_LINKED = "wallet_linked"
    WALLET_UNLINKED = "wallet_unlinked"
    PRIMARY_WALLET_SET = "primary_wallet_set"
    PRIMARY_WALLET_UNSET = "primary_wallet_unset"
    ROLE_CHANGED = "role_changed"


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
    EventKind.PASSWORD_CHANGED: Severity.HIGH,
    EventKind.PASSWORD_RESET: Severity.HIGH,
    EventKind.TWO_FACTOR_ENABLED: Severity.HIGH,
    EventKind.TWO_FACTOR_DISABLED: Severity.HIGH,
    EventKind.RECOVERY_CODES_REPLACED: Severity.HIGH,
    EventKind.SESSION_REUSED: Severity.HIGH,
}

NOTICES = {
    EventKind.SESSION_REUSED: MailKind.SESSION_REUSE_WARNING,
    EventKind.DEVICE_REVOKED: MailKind.DEVICE_CHANGED,
    EventKind.PASSWORD_CHANGED: MailKind.PASSWORD_CHANGED,
    EventKind.PASSWORD_RESET: MailKind.PASSWORD_CHANGED,
    EventKind.TWO_FACTOR_ENABLED: MailKind.TWO_FACTOR_CHANGED,
    EventKind.TWO_FACTOR_DISABLED: MailKind.TWO_FACTOR_CHANGED,
    EventKind.RECOVERY_CODES_REPLACED: MailKind.TWO_FACTOR_CHANGED,
    EventKind.WALLET_LINKED: MailKind.WALLET_CHANGED,
    EventKind.WALLET_UNLINKED: MailKind.WALLET_CHANGED,
    EventKind.PRIMARY_WALLET_SET: MailKind.WALLET_CHANGED,
    EventKind.PRIMARY_WALLET_UNSET: MailKind.WALLET_CHANGED,
}
"""Events that the owner is told of. The event is the intent: it stays open until the mail is ordered."""


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
