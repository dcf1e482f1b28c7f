"""Tools for the user's own profile, and for that of another user."""

from collections.abc import Sequence

from domain.assistant.tools.definitions.schemas import USERNAME, arguments_schema, quoted
from domain.assistant.tools.registry import Arguments, ToolCategory, ToolDefinition
from domain.social.interests import Interest
from domain.users.permissions import Permission

MAX_BIO = 500
MAX_DISPLAY_NAME = 50
PLAIN = r"^[^\x00-\x1f\x7f-\x9f]*$"
"""Without control characters, as in the routes."""
PLAIN_LINES = r"^[^\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"
"""With ends of lines."""


def _set_bio(arguments: Arguments) -> str:
    return f"Set your bio to {quoted(arguments, 'bio')}." if arguments.get("bio") else "Empty your bio."


def _set_display_name(arguments: Arguments) -> str:
    return f"Set your display name to {quoted(arguments, 'display_name')}."


def _set_interests(arguments: Arguments) -> str:
    interests = arguments.get("interests")
    names = sorted(set(map(str, interests))) if isinstance(interests, list) else []
    return f"Set your interests to {', '.join(names)}." if names else "Take back all your interests."


TOOLS: Sequence[ToolDefinition] = (
    ToolDefinition(
        name="my_profile",
        description="Return the user's own profile: names, bio, interests, numbers of followers and followings.",
        parameters=arguments_schema(),
        category=ToolCategory.READ,
        scope=Permission.PROFILE_READ,
    ),
    ToolDefinition(
        name="my_flows",
        description="Return what the user has begun and not finished, such as a change of a name, with its deadline.",
        parameters=arguments_schema(),
        category=ToolCategory.READ,
        scope=Permission.PROFILE_READ,
    ),
    ToolDefinition(
        name="read_profile",
        description="Return the profile of another user, and how the user and they stand to each other.",
        parameters=arguments_schema({"username": USERNAME}, required=("username",)),
        category=ToolCategory.READ,
        scope=Permission.USERS_READ,
    ),
    ToolDefinition(
        name="set_bio",
        title="Set your bio",
        description="Set the text about the user, which everyone sees. An empty text takes it back.",
        parameters=arguments_schema(
            {"bio": {"type": "string", "maxLength": MAX_BIO, "pattern": PLAIN_LINES}}, required=("bio",)
        ),
        category=ToolCategory.CHANGE,
        scope=Permission.PROFILE_UPDATE,
        summarize=_set_bio,
    ),
    ToolDefinition(
        name="set_display_name",
        title="Set your display name",
        description="Set the display name of the user, which everyone sees. The username stays.",
        parameters=arguments_schema(
            {"display_name": {"type": "string", "minLength": 1, "maxLength": MAX_DISPLAY_NAME, "pattern": PLAIN}},
            required=("display_name",),
        ),
        category=ToolCategory.CHANGE,
        scope=Permission.PROFILE_UPDATE,
        summarize=_set_display_name,
    ),
    ToolDefinition(
        name="set_interests",
        title="Set your interests",
        description="Replace the interests of the user. An empty list takes all back.",
        parameters=arguments_schema(
            {
                "interests": {
                    "type": "array",
                    "items": {"enum": [interest.value for interest in Interest]},
                    "maxItems": len(Interest),
                }
            },
            required=("interests",),
        ),
        category=ToolCategory.CHANGE,
        scope=Permission.INTERESTS_WRITE,
        summarize=_set_interests,
    ),
)
