"""Frames about notifications, each encoded once for all sockets that it goes to."""

from datetime import UTC, datetime

from api.notifications.schemas.notifications import NotificationView
from api.sockets.frames import build_frame, encode
from domain.moments import format_timestamp
from domain.notifications.notifications import Notification


def notification_received_frame(notification: Notification) -> bytes:
    """Return the frame of a new notification. Its JSON comes from pydantic directly, without a second encoding."""
    data = NotificationView.of(notification).model_dump_json()
    now = format_timestamp(datetime.now(UTC))
    text = f'"event":"notification_received","data":{data},"timestamp":"{now}","userId":"{notification.user_id}"'
    return encode(f"{{{text}}}")


def notification_read_frame(notification: Notification) -> bytes:
    """Return the frame of a notification that was read."""
    read_at = format_timestamp(notification.read_at) if notification.read_at else None
    data = {"notificationId": notification.notification_id, "read_at": read_at}
    return build_frame("notification_read", data, notification.user_id)
