from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.assistant.tools.checks import ToolCaller, parse_arguments, refusal_for_call
from domain.assistant.tools.registry import MAX_ARGUMENT_BYTES, Arguments, ToolCategory, ToolDefinition, ToolRegistry
from domain.assistant.tools.results import Fault, ToolErrorCode, ToolResult
from domain.users.permissions import Permission

REGISTRY = ToolRegistry(
    [
        ToolDefinition("read", "Reads.", {}, ToolCategory.READ, Permission.USERS_READ),
        ToolDefinition("old", "Reads.", {}, ToolCategory.READ, Permission.USERS_READ, is_deprecated=True),
        ToolDefinition("free", "Is free.", {}, ToolCategory.UTILITY),
    ]
)
READER = ToolCaller({Permission.USERS_READ})
LARGE = {"text": "a" * MAX_ARGUMENT_BYTES}


def no_faults(_: ToolDefinition, __: Arguments) -> Sequence[Fault]:
    return ()


def one_fault(_: ToolDefinition, __: Arguments) -> Sequence[Fault]:
    return [Fault("text", "wrong")]


def never(_: ToolDefinition, __: Arguments) -> Sequence[Fault]:
    raise AssertionError


@pytest.mark.parametrize(
    ("name", "caller"),
    [
        ("read", READER),
        ("old", READER),
        ("free", ToolCaller(())),
        ("read", ToolCaller({Permission.USERS_READ}, allowed=["read"])),
    ],
    ids=["with the scope", "deprecated", "without a scope", "allowed in the chat"],
)
def test_call_may_run(name: str, caller: ToolCaller) -> None:
    assert refusal_for_call(name, {}, caller=caller, tools=REGISTRY, find_faults=no_faults) is None


@pytest.mark.parametrize(
    ("name", "caller", "code"),
    [
        ("none", ToolCaller(()), ToolErrorCode.TOOL_NOT_FOUND),
        ("read", ToolCaller({Permission.PROFILE_READ}), ToolErrorCode.UNAUTHORIZED),
        ("old", ToolCaller(()), ToolErrorCode.UNAUTHORIZED),
        ("free", ToolCaller((), allowed=["read"]), ToolErrorCode.UNAUTHORIZED),
        ("read", ToolCaller({Permission.USERS_READ}, allowed=()), ToolErrorCode.UNAUTHORIZED),
        ("read", READER, ToolErrorCode.INVALID_PARAMETERS),
    ],
    ids=["unknown", "no scope", "deprecated, no scope", "not in the chat", "no tools in the chat", "too large"],
)
def test_first_check_that_fails_names_the_refusal_before_the_schema_is_asked(
    name: str, caller: ToolCaller, code: ToolErrorCode
) -> None:
    result = refusal_for_call(name, LARGE, caller=caller, tools=REGISTRY, find_faults=never)

    assert result is not None
    assert result.error is not None
    assert result.error.code is code


def test_arguments_that_do_not_fit_the_schema_are_named() -> None:
    result = refusal_for_call("read", {}, caller=READER, tools=REGISTRY, find_faults=one_fault)

    assert result is not None
    assert result.error is not None
    assert result.error.details == {"faults": [{"field": "text", "message": "wrong"}]}


@pytest.mark.parametrize("arguments", [{"text": "\ud800"}, {"\udfff": 1}], ids=["value", "name"])
def test_half_a_character_is_refused(arguments: Arguments) -> None:
    result = refusal_for_call("read", arguments, caller=READER, tools=REGISTRY, find_faults=never)

    assert result is not None


@pytest.mark.parametrize(
    "text",
    [
        *("[]", "1", "{", '{"a": NaN}', '{"a": 1e999}', '{"a": "\\ud800"}', "nothing", "[" * 10_000),
        *('{"a": ' + "1" * 5_000 + "}", "{}" + " " * 20_000, '{"a": ' * 40 + "1" + "}" * 40),
    ],
    ids="list number half NaN endless half-a-character words deep long-number long nested".split(),
)
def test_what_is_no_object_of_json_is_a_result_that_the_model_reads(text: str) -> None:
    result = parse_arguments(text)

    assert isinstance(result, ToolResult)
    assert result.error is not None
    assert result.error.code is ToolErrorCode.INVALID_PARAMETERS


@pytest.mark.parametrize(("text", "arguments"), [("", {}), (" {} ", {}), ('{"a": [1]}', {"a": [1]})])
def test_object_of_json_is_the_arguments(text: str, arguments: dict[str, Any]) -> None:
    assert parse_arguments(text) == arguments


@given(st.text())
def test_no_utterance_breaks_the_parser(text: str) -> None:
    assert isinstance(parse_arguments(text), dict | ToolResult)
