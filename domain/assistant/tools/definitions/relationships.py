"""Tools for follows and blocks, and for lists of users."""

from collections.abc import Sequence

from domain.assistant.tools.definitions.schemas import CURSOR, LIMIT, USERNAME, Schema, arguments_schema
from domain.assistant.tools.registry import Arguments, Summary, ToolCategory, ToolDefinition
from domain.users.permissions import Permission

OWNER: Schema = {**USERNAME, "description": "Whose list; the user's own if it is left out."}


def _list(name: str, description: str) -> ToolDefinition:
    return ToolDefinition(
        name=name,
        description=description,
        parameters=arguments_schema({"username": OWNER, "limit": LIMIT, "cursor": CURSOR}),
        category=ToolCategory.READ,
        scope=Permission.RELATIONSHIPS_READ,
    )


def _change(name: str, description: str, verb: str) -> ToolDefinition:
    return ToolDefinition(
        name=name,
        description=description,
        title=f"{verb} a user",
        parameters=arguments_schema({"username": USERNAME}, required=("username",)),
        category=ToolCategory.CHANGE,
        scope=Permission.RELATIONSHIPS_WRITE,
        summarize=_does(verb),
    )


def _does(verb: str) -> Summary:
    def sentence(arguments: Arguments) -> str:
        return f"{verb} @{arguments.get('username')}."

    return sentence


TOOLS: Sequence[ToolDefinition] = (
    _list("list_followers", "List who follows a user, newest follow first."),
    _list("list_followings", "List whom a user follows, newest follow first."),
    ToolDefinition(
        name="mutual_followers",
        description="List followers of another user whom the user follows, newest follow first.",
        parameters=arguments_schema({"username": USERNAME, "limit": LIMIT, "cursor": CURSOR}, required=("username",)),
        category=ToolCategory.READ,
        scope=Permission.RELATIONSHIPS_READ,
    ),
    _change("follow_user", "Follow a user.", "Follow"),
    _change("unfollow_user", "Follow a user no longer.", "Unfollow"),
    _change("block_user", "Block a user: neither follows nor meets the other any more.", "Block"),
    _change("unblock_user", "Block a user no longer. Follows that the block ended do not come back.", "Unblock"),
)
