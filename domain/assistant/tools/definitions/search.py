"""Tools that find users: by name, or as suggestions."""

from collections.abc import Sequence

from domain.assistant.tools.definitions.schemas import CURSOR, LIMIT, arguments_schema
from domain.assistant.tools.registry import ToolCategory, ToolDefinition
from domain.users.permissions import Permission

MAX_SEARCH = 100

TOOLS: Sequence[ToolDefinition] = (
    ToolDefinition(
        name="search_users",
        description="Find users whose username or display name fits a text, the best first.",
        parameters=arguments_schema(
            {"text": {"type": "string", "minLength": 1, "maxLength": MAX_SEARCH}, "limit": LIMIT, "cursor": CURSOR},
            required=("text",),
        ),
        category=ToolCategory.READ,
        scope=Permission.USERS_READ,
    ),
    ToolDefinition(
        name="suggest_users",
        description="Suggest users to follow, the best first, each with the reason.",
        parameters=arguments_schema({"limit": LIMIT}),
        category=ToolCategory.READ,
        scope=Permission.INTERESTS_READ,
    ),
)
