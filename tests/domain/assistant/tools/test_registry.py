import pytest

from domain.assistant.tools.registry import ATTEMPTS, ToolCategory, ToolDefinition, ToolRegistry
from domain.users.permissions import Permission


def tool(name: str, category: ToolCategory = ToolCategory.READ, *, is_deprecated: bool = False) -> ToolDefinition:
    return ToolDefinition(
        name, "Does it.", {"type": "object"}, category, Permission.USERS_READ, is_deprecated=is_deprecated
    )


REGISTRY = ToolRegistry([tool("new"), tool("change", ToolCategory.CHANGE), tool("old", is_deprecated=True)])


@pytest.mark.parametrize(
    ("category", "include_deprecated", "names"),
    [
        (None, False, ["change", "new"]),
        (None, True, ["change", "new", "old"]),
        (ToolCategory.READ, False, ["new"]),
        (ToolCategory.READ, True, ["new", "old"]),
        (ToolCategory.UTILITY, True, []),
    ],
)
def test_list_is_by_name_and_shows_deprecated_tools_only_when_asked(
    category: ToolCategory | None, include_deprecated: bool, names: list[str]
) -> None:
    listed = REGISTRY.list_tools(category=category, include_deprecated=include_deprecated)

    assert [each.name for each in listed] == names


def test_deprecated_tool_is_found_by_its_name() -> None:
    assert REGISTRY.find("old") is not None
    assert REGISTRY.find("OLD") is None


def test_two_tools_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="one name"):
        ToolRegistry([tool("same"), tool("same")])


def test_only_a_tool_that_changes_nothing_is_tried_again() -> None:
    assert (tool("read").attempts, tool("change", ToolCategory.CHANGE).attempts) == (ATTEMPTS, 1)
