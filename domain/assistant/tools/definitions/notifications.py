"""Tools for the user's notifications."""

from collections.abc import Sequence

from domain.assistant.tools.definitions.schemas import CURSOR, LIMIT, Schema, arguments_schema
from domain.assistant.tools.registry import Arguments, ToolCategory, ToolDefinition
from domain.users.permissions import Permission

NUMBER: Schema = {
    "type": "integer",
    "minimum": 1,
    "maximum": 10**15,
    "description": "The number of one notification, as list_notifications shows it; all if it is left out.",
}


def _mark_read(arguments: Arguments) -> str:
    number = arguments.get("number")
    return f"Mark notification {number} as read." if number else "Mark all your notifications as read."


TOOLS: Sequence[ToolDefinition] = (
    ToolDefinition(
        name="list_notifications",
        description="List the user's notifications, newest first.",
        parameters=arguments_schema(
            {"unread_only": {"type": "boolean", "default": False}, "limit": LIMIT, "cursor": CURSOR}
        ),
        category=ToolCategory.READ,
        scope=Permission.NOTIFICATIONS_READ,
    ),
    ToolDefinition(
        name="unread_count",
        description="Return how many notifications the user has not read.",
        parameters=arguments_schema(),
        category=ToolCategory.READ,
        scope=Permission.NOTIFICATIONS_READ,
    ),
    ToolDefinition(
        name="mark_notifications_read",
        title="Mark notifications as read",
        description="Mark all notifications of the user as read, or one of them.",
        parameters=arguments_schema({"number": NUMBER}),
        category=ToolCategory.CHANGE,
        scope=Permission.NOTIFICATIONS_WRITE,
        summarize=_mark_read,
    ),
)
