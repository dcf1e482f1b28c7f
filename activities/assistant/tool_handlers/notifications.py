"""Handlers of the tools for the caller's notifications."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from activities.assistant.tool_handlers.handling import Handler, ToolUse
from domain.assistant.tools.views import notifications_view
from domain.notifications.errors import NotificationNotFound
from domain.paging import parse_number_cursor

if TYPE_CHECKING:
    from adapters.mongo.notifications.notifications import NotificationStore
    from adapters.redis.notification_publisher import NotificationPublisher


class NotificationTools:
    """Lists notifications, counts them, and marks them as read."""

    def __init__(self, notifications: "NotificationStore", publisher: "NotificationPublisher") -> None:
        self._notifications = notifications
        self._publisher = publisher

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by the names of their tools."""
        return {
            "list_notifications": self._list,
            "unread_count": self._count_unread,
            "mark_notifications_read": self._mark_read,
        }

    async def _list(self, use: ToolUse) -> Mapping[str, Any]:
        page = await self._notifications.list_page(
            use.user_id,
            skip=0,
            before=parse_number_cursor(use.cursor) if use.cursor else None,
            limit=use.limit,
            unread_only=use.arguments.get("unread_only") is True,
        )
        return notifications_view(page)

    async def _count_unread(self, use: ToolUse) -> Mapping[str, Any]:
        return {"unread": await self._notifications.count_unread(use.user_id)}

    async def _mark_read(self, use: ToolUse) -> Mapping[str, Any]:
        number = use.find_number("number")
        if number is None:
            changed = await self._notifications.mark_all_read(use.user_id, use.now)
        else:
            changed = await self._mark_one_read(use, number)
        if changed:
            await self._publisher.try_publish_read(use.user_id, use.now)
        return {"changed": changed}

    async def _mark_one_read(self, use: ToolUse, number: int) -> int:
        """Return how many were not read before: one or none. Raises NotificationNotFound."""
        newest = await self._notifications.list_page(use.user_id, skip=0, before=number + 1, limit=1, unread_only=False)
        if not newest.rows or newest.rows[0].seq != number:
            raise NotificationNotFound
        if newest.rows[0].is_read:
            return 0
        marked = await self._notifications.mark_read(use.user_id, newest.rows[0].notification_id, use.now)
        return 1 if marked and marked.read_at == use.now else 0
