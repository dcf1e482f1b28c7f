"""In-app notifications: their content for events and follows, and their limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.moments import format_timestamp
from domain.social.follows import PendingFollow
from domain.users.security_events import EventNotification, NotificationStyle, SecurityEvent

MAX_BATCH = 100
"""Maximum of notifications written in one transaction."""

FOLLOW_COOLDOWN = timedelta(hours=24)
"""A repeated follow of the same user within this time causes no second notification."""

REDACTED_TEXT = "This is no longer shown."
"""Replaces the text of a notification about an erased or blocked user, without revealing which of the two."""


# Wire names of the types. No docstring: Pydantic shows it in docs/openapi.json.
class NotificationType(StrEnum):
    SESSION_CREATED = "session_created"
    NEW_FOLLOW = "new_follow"
    SECURITY_ALERT = "security_alert"
    ACCOUNT_EVENT = "account_event"
    APPROVAL_REQUESTED = "approval_requested"


@dataclass(frozen=True)
class NewNotification:
    """A notification to store. `dedupe_key` identifies its cause and is unique per user.

    `about`: id of the user it names besides its owner.
    """

    dedupe_key: str
    type: NotificationType
    title: str
    message: str
    data: Mapping[str, str | None]
    about: str | None = None


@dataclass(frozen=True)
class Notification:
    """A stored notification. `seq` numbers a user's notifications from 1, without gaps."""

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
        """Whether it was delivered to a client."""
        return self.delivered_at is not None

    @property
    def is_read(self) -> bool:
        """Whether it was marked as read."""
        return self.read_at is not None


TYPE_BY_STYLE = {
    NotificationStyle.SIGN_IN: NotificationType.SESSION_CREATED,
    NotificationStyle.ALERT: NotificationType.SECURITY_ALERT,
    NotificationStyle.ACCOUNT: NotificationType.ACCOUNT_EVENT,
}

UNKNOWN_APP = "an app"


def event_notification(event: SecurityEvent, words: EventNotification) -> NewNotification:
    """Return the notification for the account's owner, with the text of the event's kind."""
    return NewNotification(
        dedupe_key=f"event:{event.event_id}",
        type=TYPE_BY_STYLE[words.style],
        title=words.title,
        message=words.message.format(app=event.details.get("app", UNKNOWN_APP)),
        data={
            "event_id": event.event_id,
            "kind": event.kind,
            "at": format_timestamp(event.at),
            "device": event.device,
            "address_prefix": event.address_prefix,
        },
    )


def notification_for_follow(follow: PendingFollow, username: str) -> NewNotification:
    """Return the followee's notification of a new follower. A deleted and repeated follow counts as a new one."""
    return NewNotification(
        dedupe_key=follow_dedupe_key(follow),
        type=NotificationType.NEW_FOLLOW,
        title="You have a new follower",
        message=f"{username} just followed you",
        data={"user_id": follow.follower_id, "username": username},
        about=follow.follower_id,
    )


def follow_dedupe_key(follow: PendingFollow) -> str:
    """Return the `dedupe_key` of a follow: the follower and the time of the edge in ms."""
    return f"follow:{follow.follower_id}:{follow.created_at}"
