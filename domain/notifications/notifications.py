"""Notifications: what somebody is told inside the app, and the words for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.social.follows import OwedFollow
from domain.users.security_events import EventKind, SecurityEvent

BATCH = 100
"""So many are written in one transaction."""

FOLLOW_REST = timedelta(hours=24)
"""Following somebody again within it notifies them no second time."""

NO_LONGER_SHOWN = "This is no longer shown."
"""Instead of what told of somebody who is erased or blocked: the reader does not learn which."""

TICKET_LIFE = timedelta(seconds=30)
TICKET_PURPOSE = "socket"


class NotificationType(StrEnum):
    SESSION_CREATED = "session_created"
    NEW_FOLLOW = "new_follow"
    SECURITY_ALERT = "security_alert"
    ACCOUNT_EVENT = "account_event"


@dataclass(frozen=True)
class NewNotification:
    """Not stored yet. `dedupe_key` names what it tells of: no two of one person have the same.

    `about`: who is named in it besides its owner.
    """

    dedupe_key: str
    type: NotificationType
    title: str
    message: str
    data: Mapping[str, str | None]
    about: str | None = None


@dataclass(frozen=True)
class Notification:
    """`seq` counts each person's notifications from 1, without gaps."""

    notification_id: str
    user_id: str
    seq: int
    type: NotificationType
    title: str
    message: str
    data: Mapping[str, str | None]
    delivered_at: datetime | None
    read_at: datetime | None
    created_at: datetime

    @property
    def is_delivered(self) -> bool:
        return self.delivered_at is not None

    @property
    def is_read(self) -> bool:
        return self.read_at is not None


@dataclass(frozen=True)
class Wording:
    type: NotificationType
    title: str
    message: str


def _alert(title: str, message: str) -> Wording:
    return Wording(NotificationType.SECURITY_ALERT, title, f"{message} If this was not you, secure your account.")


def _event(title: str, message: str) -> Wording:
    return Wording(NotificationType.ACCOUNT_EVENT, title, message)


WORDINGS = {
    EventKind.SIGNED_IN: Wording(
        NotificationType.SESSION_CREATED,
        "New Login Detected",
        "You just signed in to {app} using your decode account",
    ),
    EventKind.SIGN_IN_ABANDONED: _alert(
        "Sign-in not completed", "Somebody knew your password and did not prove the device."
    ),
    EventKind.SESSION_REUSED: _alert("Session ended", "A session token came back that was used before."),
    EventKind.DEVICE_REVOKED: _alert("Device removed", "A device is no longer trusted."),
    EventKind.PASSWORD_CHANGED: _alert("Password changed", "Your password was changed."),
    EventKind.PASSWORD_RESET: _alert("Password changed", "Your password was replaced by mail."),
    EventKind.EMAIL_CHANGED: _alert("E-mail address changed", "Your account has a new e-mail address."),
    EventKind.EMAIL_REVERTED: _alert("E-mail address restored", "Your account has its former e-mail address again."),
    EventKind.TWO_FACTOR_ENABLED: _alert("Second factor on", "Signing in now needs a second factor."),
    EventKind.TWO_FACTOR_DISABLED: _alert("Second factor off", "Signing in needs no second factor any more."),
    EventKind.RECOVERY_CODES_REPLACED: _alert("New recovery codes", "The old recovery codes are void."),
    EventKind.RECOVERY_CODE_USED: _alert("Recovery code used", "A recovery code stood in for your second factor."),
    EventKind.WALLET_LINKED: _event("Wallet linked", "A wallet can sign in to your account now."),
    EventKind.WALLET_UNLINKED: _event("Wallet unlinked", "A wallet cannot sign in to your account any more."),
    EventKind.PRIMARY_WALLET_SET: _event("Primary wallet set", "You have another primary wallet."),
    EventKind.PRIMARY_WALLET_UNSET: _event("Primary wallet unset", "You have no primary wallet any more."),
    EventKind.USERNAME_CHANGED: _event("Username changed", "You have a new username."),
    EventKind.ROLE_CHANGED: _event("Role changed", "You have another role."),
    EventKind.ACCOUNT_REACTIVATED: _event("Welcome back", "Your account is active again."),
    EventKind.ACCOUNT_EXPORTED: _event("Export asked for", "A file with all your data was asked for."),
}
"""Events that their person is told of inside the app, in words of their own."""

SOME_APP = "an app"


def told_of(event: SecurityEvent) -> NewNotification:
    """What the event's person is told. Raises KeyError for an event that is not told."""
    wording = WORDINGS[event.kind]
    return NewNotification(
        dedupe_key=f"event:{event.event_id}",
        type=wording.type,
        title=wording.title,
        message=wording.message.format(app=event.details.get("app", SOME_APP)),
        data={
            "event_id": event.event_id,
            "kind": event.kind,
            "at": event.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "device": event.device,
            "address_prefix": event.address_prefix,
        },
    )


def told_of_follow(follow: OwedFollow, username: str) -> NewNotification:
    """What somebody is told of a new follower. A follow that was taken back and made again is another one."""
    return NewNotification(
        dedupe_key=follow_key(follow),
        type=NotificationType.NEW_FOLLOW,
        title="You have a new follower",
        message=f"{username} just followed you",
        data={"user_id": follow.follower_id, "username": username},
        about=follow.follower_id,
    )


def follow_key(follow: OwedFollow) -> str:
    return f"follow:{follow.follower_id}:{follow.created_at}"
