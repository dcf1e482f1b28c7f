"""Security events of the auth area."""

from collections.abc import Sequence

from domain.delivery.mail import MailKind
from domain.journal.occurrences import OccurrenceType
from domain.users.security_events import (
    EventKind,
    EventNotification,
    EventSpec,
    NotificationStyle,
    Severity,
    account_event,
    alert,
)

EVENTS: Sequence[EventSpec] = (
    EventSpec(
        EventKind.SIGNED_IN,
        OccurrenceType.USER_LOGIN,
        notification=EventNotification(
            NotificationStyle.SIGN_IN, "New Login Detected", "You just signed in to {app} using your decode account"
        ),
    ),
    EventSpec(
        EventKind.SIGN_IN_ABANDONED,
        OccurrenceType.USER_LOGIN_ABANDONED,
        severity=Severity.MEDIUM,
        notification=alert("Sign-in not completed", "Your password was right, and the device was not proved."),
    ),
    EventSpec(
        EventKind.SESSION_REUSED,
        OccurrenceType.SECURITY_SUSPICIOUS_ACTIVITY,
        severity=Severity.HIGH,
        mail=MailKind.SESSION_REUSE_WARNING,
        notification=alert("Session ended", "A session token came back that was used before."),
    ),
    EventSpec(
        EventKind.SESSION_REVOKED,
        OccurrenceType.SESSION_REVOKED,
    ),
    EventSpec(
        EventKind.SESSIONS_REVOKED,
        OccurrenceType.SESSIONS_REVOKED,
    ),
    EventSpec(
        EventKind.DEVICE_REVOKED,
        OccurrenceType.DEVICE_REVOKED,
        severity=Severity.MEDIUM,
        mail=MailKind.DEVICE_CHANGED,
        notification=alert("Device removed", "A device is no longer trusted."),
    ),
    EventSpec(
        EventKind.PASSWORD_CHANGED,
        OccurrenceType.USER_PASSWORD_CHANGED,
        severity=Severity.HIGH,
        mail=MailKind.PASSWORD_CHANGED,
        notification=alert("Password changed", "Your password was changed."),
    ),
    EventSpec(
        EventKind.PASSWORD_RESET,
        OccurrenceType.USER_PASSWORD_RESET,
        severity=Severity.HIGH,
        mail=MailKind.PASSWORD_CHANGED,
        notification=alert("Password changed", "Your password was replaced by mail."),
    ),
    EventSpec(
        EventKind.TWO_FACTOR_ENABLED,
        OccurrenceType.TWO_FACTOR_ENABLED,
        severity=Severity.HIGH,
        mail=MailKind.TWO_FACTOR_CHANGED,
        notification=alert("Second factor on", "Signing in now needs a second factor."),
    ),
    EventSpec(
        EventKind.TWO_FACTOR_DISABLED,
        OccurrenceType.TWO_FACTOR_DISABLED,
        severity=Severity.HIGH,
        mail=MailKind.TWO_FACTOR_CHANGED,
        notification=alert("Second factor off", "Signing in needs no second factor any more."),
    ),
    EventSpec(
        EventKind.RECOVERY_CODES_REPLACED,
        OccurrenceType.RECOVERY_CODES_REPLACED,
        severity=Severity.HIGH,
        mail=MailKind.TWO_FACTOR_CHANGED,
        notification=alert("New recovery codes", "The old recovery codes are void."),
    ),
    EventSpec(
        EventKind.RECOVERY_CODE_USED,
        OccurrenceType.RECOVERY_CODE_USED,
        severity=Severity.MEDIUM,
        notification=alert("Recovery code used", "A recovery code stood in for your second factor."),
    ),
    EventSpec(
        EventKind.WALLET_LINKED,
        OccurrenceType.WALLET_LINKED,
        severity=Severity.HIGH,
        mail=MailKind.WALLET_CHANGED,
        notification=account_event("Wallet linked", "A wallet can sign in to your account now."),
    ),
    EventSpec(
        EventKind.WALLET_UNLINKED,
        OccurrenceType.WALLET_UNLINKED,
        severity=Severity.MEDIUM,
        mail=MailKind.WALLET_CHANGED,
        notification=account_event("Wallet unlinked", "A wallet cannot sign in to your account any more."),
    ),
    EventSpec(
        EventKind.PRIMARY_WALLET_SET,
        OccurrenceType.PRIMARY_WALLET_SET,
        severity=Severity.MEDIUM,
        mail=MailKind.WALLET_CHANGED,
        notification=account_event("Primary wallet set", "You have another primary wallet."),
    ),
    EventSpec(
        EventKind.PRIMARY_WALLET_UNSET,
        OccurrenceType.PRIMARY_WALLET_UNSET,
        severity=Severity.MEDIUM,
        mail=MailKind.WALLET_CHANGED,
        notification=account_event("Primary wallet unset", "You have no primary wallet any more."),
    ),
    EventSpec(
        EventKind.API_KEY_CREATED,
        OccurrenceType.API_KEY_CREATED,
        severity=Severity.HIGH,
        mail=MailKind.API_KEY_CHANGED,
        notification=alert("API key created", "A new API key can act for you."),
    ),
    EventSpec(
        EventKind.API_KEY_UPDATED,
        OccurrenceType.API_KEY_UPDATED,
        severity=Severity.MEDIUM,
        notification=alert("API key changed", "One of your API keys was changed."),
    ),
    EventSpec(
        EventKind.API_KEY_ROTATED,
        OccurrenceType.API_KEY_ROTATED,
        severity=Severity.HIGH,
        mail=MailKind.API_KEY_CHANGED,
        notification=alert("API key renewed", "One of your API keys has a new secret."),
    ),
    EventSpec(
        EventKind.API_KEY_REVOKED,
        OccurrenceType.API_KEY_REVOKED,
        severity=Severity.MEDIUM,
        mail=MailKind.API_KEY_CHANGED,
        notification=account_event("API key revoked", "One of your API keys works no more."),
    ),
)
