import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from adapters.ai.argument_schemas import MAX_FAULTS, MAX_FIELD_LENGTH, MAX_MESSAGE_LENGTH, TOO_DEEP, ArgumentSchemas
from domain.assistant.tools.definitions.all_tools import REGISTRY
from domain.assistant.tools.registry import ToolCategory, ToolDefinition
from domain.assistant.tools.results import Fault

TOOLS = REGISTRY.list_tools(include_deprecated=True)
SCHEMAS = ArgumentSchemas(TOOLS)
QUICK = re.compile(r"\^(?:\[(?:\\.|[^\]\\])+\](?:\*|\+|\{[0-9]+,[0-9]+\}))\$")
"""One class of characters, from the beginning to the end: no text makes any engine try twice."""
A_DATE = ToolDefinition(
    "dated", "Has a date.", {"properties": {"day": {"type": "string", "format": "date"}}}, ToolCategory.UTILITY
)


def faults(name: str, arguments: dict[str, Any]) -> list[Fault]:
    tool = REGISTRY.find(name)
    assert tool is not None
    return list(SCHEMAS.find_faults(tool, arguments))


def patterns(schema: Any) -> Iterator[str]:
    """Patterns anywhere in a schema."""
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        for part in schema.values():
            yield from patterns(part)


@pytest.mark.parametrize("tool", TOOLS, ids=[tool.name for tool in TOOLS])
def test_schema_is_one_of_2020_12(tool: ToolDefinition) -> None:
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **tool.parameters}

    jsonschema_rs.meta.validate(schema)


@pytest.mark.parametrize("tool", TOOLS, ids=[tool.name for tool in TOOLS])
def test_no_pattern_can_be_slow(tool: ToolDefinition) -> None:
    assert [pattern for pattern in patterns(tool.parameters) if not QUICK.fullmatch(pattern)] == []


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("my_profile", {}),
        ("follow_user", {"username": "Alice_1"}),
        ("list_followers", {"limit": 20, "cursor": "1-" + "a" * 24}),
        ("set_bio", {"bio": "two\r\nlines, é"}),
        ("set_interests", {"interests": ["ai", "dao"]}),
        ("get-time", {"timezone": "America/Argentina/Buenos_Aires"}),
    ],
)
def test_arguments_that_fit_have_no_faults(name: str, arguments: dict[str, Any]) -> None:
    assert faults(name, arguments) == []


@pytest.mark.parametrize(
    ("name", "arguments", "field", "part"),
    [
        ("follow_user", {}, "", "required"),
        ("follow_user", {"username": "alice", "user_id": "a" * 24}, "", "user_id"),
        ("my_profile", {"chat_id": "a" * 24}, "", "chat_id"),
        ("follow_user", {"username": "alice\n"}, "username", "match"),
        ("follow_user", {"username": 7}, "username", "type"),
        ("list_followers", {"limit": 0}, "limit", "minimum"),
        ("list_followers", {"limit": 10**400}, "limit", "maximum"),
        ("set_bio", {"bio": "a\x00"}, "bio", "match"),
        ("set_bio", {"bio": "a" * 501}, "bio", "500"),
        ("set_interests", {"interests": ["ai", "none"]}, "interests.1", "one of"),
        ("get-time", {"timezone": "../etc"}, "timezone", "match"),
    ],
)
def test_fault_has_its_field_and_says_what_is_wrong(
    name: str, arguments: dict[str, Any], field: str, part: str
) -> None:
    (fault,) = faults(name, arguments)

    assert fault.field == field
    assert part in fault.message


def test_all_faults_are_returned_up_to_a_bound_and_none_is_long() -> None:
    found = faults("set_interests", {"interests": ["none"] * 100, "x" * 10_000: 1})

    assert len(found) == MAX_FAULTS
    assert max(len(fault.message) for fault in found) <= MAX_MESSAGE_LENGTH
    assert max(len(fault.field) for fault in found) <= MAX_FIELD_LENGTH


def test_message_does_not_repeat_the_argument() -> None:
    (fault,) = faults("echo", {"text": ["secret words"]})

    assert "secret" not in fault.message


def test_arguments_that_are_nested_too_deeply_do_not_fit() -> None:
    nested: dict[str, Any] = {}
    for _ in range(1_000):
        nested = {"text": nested}

    assert faults("echo", nested) == TOO_DEEP


def test_format_is_checked() -> None:
    schemas = ArgumentSchemas([A_DATE])

    assert schemas.find_faults(A_DATE, {"day": "2026-02-30"})
    assert not schemas.find_faults(A_DATE, {"day": "2026-02-28"})


def test_schema_that_is_none_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="type"):
        ArgumentSchemas([ToolDefinition("bad", "Is bad.", {"type": "nothing"}, ToolCategory.UTILITY)])
