import re
from collections.abc import Sequence
from typing import Any

import pytest

from domain.assistant.tools.definitions.all_tools import REGISTRY
from domain.assistant.tools.registry import MAX_NAME_LENGTH, ToolCategory, ToolDefinition
from domain.users.permissions import PERMISSIONS

TOOLS = REGISTRY.list_tools(include_deprecated=True)
CHANGES = [tool for tool in TOOLS if tool.changes]
NAMES = """
    block_user calculator echo follow_user get-time list_followers list_followings list_notifications
    mark_notifications_read mutual_followers my_flows my_profile read_profile search_users set_bio set_display_name
    set_interests suggest_users unblock_user unfollow_user unread_count
""".split()
ACTIONS = {
    ToolCategory.READ: {"read"},
    ToolCategory.CHANGE: {"write", "update"},
    ToolCategory.UTILITY: {"none"},
}


def every_tool(tools: Sequence[ToolDefinition] = TOOLS) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("tool", tools, ids=[tool.name for tool in tools])


def test_names_are_these() -> None:
    assert [tool.name for tool in TOOLS] == NAMES


@every_tool()
def test_name_fits_every_provider(tool: ToolDefinition) -> None:
    assert re.fullmatch(r"[a-z][a-z_-]*", tool.name)
    assert len(tool.name) <= MAX_NAME_LENGTH


@every_tool()
def test_schema_takes_no_argument_that_it_does_not_name_and_no_id_of_a_user(tool: ToolDefinition) -> None:
    properties: Any = tool.parameters["properties"]

    assert tool.parameters["additionalProperties"] is False
    assert [name for name in properties if name.endswith("id")] == []


@every_tool()
def test_scope_is_one_that_a_key_may_have_and_writes_what_changes(tool: ToolDefinition) -> None:
    action = tool.scope.partition(":")[2] if tool.scope else "none"

    assert tool.scope is None or PERMISSIONS[tool.scope].is_scope
    assert action in ACTIONS[tool.category]


@every_tool(CHANGES)
def test_change_has_a_sentence_and_a_title_of_its_own(tool: ToolDefinition) -> None:
    assert tool.summarize is not None
    assert tool.title
