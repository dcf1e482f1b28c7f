"""Notifications as their owner sees them."""

from typing import Annotated

from fastapi import Query
from pydantic import Field

from api.schemas.envelope import View
from api.schemas.fields import Timestamp
from api.schemas.paging import Meta, PageQuery
from domain.notifications.notifications import Notification, NotificationType


class NotificationView(View):
    notification_id: str = Field(serialization_alias="_id")
    seq: int
    user_id: str
    type: NotificationType
    title: str
    message: str
    data: dict[str, str | None]
    delivered: bool
    delivered_at: Timestamp | None
    read: bool
    read_at: Timestamp | None
    created_at: Timestamp = Field(serialization_alias="createdAt")

    @classmethod
    def of(cls, notification: Notification) -> "NotificationView":
        return cls(
            notification_id=notification.notification_id,
            seq=notification.seq,
            user_id=notification.user_id,
            type=notification.type,
            title=notification.title,
            message=notification.message,
            data=dict(notification.data),
            delivered=notification.is_delivered,
            delivered_at=notification.delivered_at,
            read=notification.is_read,
            read_at=notification.read_at,
            created_at=notification.created_at,
        )


class NotificationQuery(PageQuery):
    unread: bool = Query(False, description="Only those that are not read.")


NotificationPaging = Annotated[NotificationQuery, Query()]


class NotificationPage(View):
    notifications: list[NotificationView]
    meta: Meta


class UnreadCount(View):
    count: int


class ChangedCount(View):
    changed: int


class SocketTicket(View):
    ticket: str
    expires_in: int
