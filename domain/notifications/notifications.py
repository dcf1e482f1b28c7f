"""Notifications: what somebody is told inside the app, and the words for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.moments import written_iso
from domain.social.follows import PendingFollow
from domain.users.security_events import EventNotification, NotificationStyle, SecurityEvent

MAX_BATCH = 100
"""So many are written in one transaction."""

FOLLOW_COOLDOWN = timedelta(hours=24)
"""Following somebody again within it notifies them no second time."""

REDACTED_TEXT = "This is no longer shown."
"""Instead of what told of somebody who is erased or blocked: the reader does not learn which."""

TICKET_TTL = timedelta(seconds=30)
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


TYPE_BY_STYLE = {
    NotificationStyle.SIGN_IN: NotificationType.SESSION_CREATED,
    NotificationStyle.ALERT: NotificationType.SECURITY_ALERT,
    NotificationStyle.ACCOUNT: NotificationType.ACCOUNT_EVENT,
}

UNKNOWN_APP = "an app"


def event_notification(event: SecurityEvent, words: EventNotification) -> NewNotification:
    """What the account's owner is notified of, in the words of the event's kind."""
    return NewNotification(
        dedupe_key=f"event:{event.event_id}",
        type=TYPE_BY_STYLE[words.style],
        title=words.title,
        message=words.message.format(app=event.details.get("app", UNKNOWN_APP)),
        data={
            "event_id": event.event_id,
            "kind": event.kind,
            "at": written_iso(event.at),
            "device": event.device,
            "address_prefix": event.address_prefix,
        },
    )


def notification_for_follow(follow: PendingFollow, username: str) -> NewNotification:
    """What somebody is told of a new follower. A follow that was taken back and made again is another one."""
    return NewNotification(
        dedupe_key=follow_dedupe_key(follow),
        type=NotificationType.NEW_FOLLOW,
        title="You have a new follower",
        message=f"{username} just followed you",
        data={"user_id": follow.follower_id, "username": username},
        about=follow.follower_id,
    )


def follow_dedupe_key(follow: PendingFollow) -> str:
    return f"follow:{follow.follower_id}:{follow.created_at}"
