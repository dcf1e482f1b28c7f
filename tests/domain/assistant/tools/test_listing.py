"""All that an MCP server has to say of tools: it adds nothing of its own."""

from dataclasses import replace

import pytest

from domain.assistant.tools.checks import ToolCaller
from domain.assistant.tools.definitions.all_tools import REGISTRY
from domain.assistant.tools.listing import tool_listing, usable_tools
from domain.assistant.tools.registry import ToolRegistry
from domain.users.permissions import Permission

FREE = ["calculator", "echo", "get-time"]
FOLLOW, COUNT = REGISTRY.find("follow_user"), REGISTRY.find("unread_count")
READ_ONLY = {"readOnlyHint": True, "destructiveHint": False, "idempotentHint": True, "openWorldHint": False}
CHANGES = {"readOnlyHint": False, "destructiveHint": True, "idempotentHint": False, "openWorldHint": False}


@pytest.mark.parametrize(
    ("scopes", "names"),
    [
        ([], []),
        ([Permission.NOTIFICATIONS_READ], ["list_notifications", "unread_count"]),
        (
            [Permission.RELATIONSHIPS_WRITE],
            ["block_user", "follow_user", "unblock_user", "unfollow_user"],
        ),
    ],
    ids=["none", "reads", "changes"],
)
def test_scopes_of_a_key_decide_which_tools_it_is_told_of(scopes: list[Permission], names: list[str]) -> None:
    assert [tool.name for tool in usable_tools(REGISTRY, ToolCaller(scopes))] == sorted([*FREE, *names])


def test_deprecated_tool_is_not_told_of() -> None:
    assert COUNT
    tools = ToolRegistry([replace(COUNT, is_deprecated=True)])

    assert usable_tools(tools, ToolCaller([Permission.NOTIFICATIONS_READ])) == []


def test_listing_says_what_a_tool_takes_and_that_it_changes_something() -> None:
    assert FOLLOW

    assert tool_listing(FOLLOW) == {
        "name": "follow_user",
        "title": "Follow a user",
        "description": "Follow a user.",
        "inputSchema": FOLLOW.parameters,
        "annotations": CHANGES,
    }


def test_tool_that_reads_says_so_and_that_it_may_be_repeated() -> None:
    assert COUNT
    listing = tool_listing(COUNT)

    assert listing["annotations"] == READ_ONLY
    assert "title" not in listing


def test_every_tool_takes_an_object() -> None:
    assert {tool.parameters["type"] for tool in REGISTRY.list_tools(include_deprecated=True)} == {"object"}
