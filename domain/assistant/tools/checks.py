"""What is checked before a tool runs, in one order for models and for users' own clients."""

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import NoReturn

from domain.assistant.tools.registry import (
    MAX_ARGUMENT_BYTES,
    MAX_ARGUMENT_DEPTH,
    Arguments,
    ToolDefinition,
    ToolRegistry,
)
from domain.assistant.tools.results import (
    Fault,
    ToolErrorCode,
    ToolResult,
    failure,
    invalid_parameters,
)

FindFaults = Callable[[ToolDefinition, Arguments], Sequence[Fault]]
"""Returns what in the arguments does not fit the tool's schema."""

NO_OBJECT = [Fault("", "this is no JSON object")]
TOO_LARGE = [Fault("", f"the arguments are larger than {MAX_ARGUMENT_BYTES} bytes of JSON")]
TOO_DEEP = [Fault("", f"this is nested more than {MAX_ARGUMENT_DEPTH} deep")]
NO_TEXT = [Fault("", "half a character is no text")]


@dataclass(frozen=True)
class ToolCaller:
    """Who calls. `permissions`: of the user, and of an API key only what is its scope too. `allowed`: the tools of the
    chat, None where there is no chat or it allows all.
    """

    permissions: Collection[str]
    allowed: Collection[str] | None = None

    @classmethod
    def of(cls, permissions: Collection[str], scopes: Collection[str] | None) -> "ToolCaller":
        """Return who has these permissions. `scopes`: of an API key, None for a session."""
        return cls(permissions if scopes is None else set(permissions).intersection(scopes))


def refusal_for_call(
    name: str, arguments: Arguments, *, caller: ToolCaller, tools: ToolRegistry, find_faults: FindFaults
) -> ToolResult | None:
    """Return why the call may not run, None if it may: first an unknown tool, then what the caller may not use, then
    arguments that are too large, then those that do not fit. A deprecated tool still runs.
    """
    tool = tools.find(name)
    if tool is None:
        return failure(ToolErrorCode.TOOL_NOT_FOUND)
    if not may_use(tool, caller):
        return failure(ToolErrorCode.UNAUTHORIZED)
    faults = _size_faults(arguments) or find_faults(tool, arguments)
    return invalid_parameters(faults) if faults else None


def may_use(tool: ToolDefinition, caller: ToolCaller) -> bool:
    """Whether the caller has the tool's scope and the chat allows it."""
    has_scope = tool.scope is None or tool.scope in caller.permissions
    return has_scope and (caller.allowed is None or tool.name in caller.allowed)


def usable_tools(tools: ToolRegistry, caller: ToolCaller) -> Sequence[ToolDefinition]:
    """Return the tools that a model is told of: those that the caller may use and that are not deprecated."""
    return [tool for tool in tools.list_tools() if may_use(tool, caller)]


def parse_arguments(text: str) -> Arguments | ToolResult:
    """Return the arguments that a model uttered as JSON; none for an empty text. The result of the call if it is too
    long, no object, or holds what cannot be stored: half a character, a number without end.
    """
    if len(text.encode(errors="replace")) > MAX_ARGUMENT_BYTES:
        return invalid_parameters(TOO_LARGE)
    try:
        parsed = json.loads(text.strip() or "{}", parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return invalid_parameters(NO_OBJECT)
    if not isinstance(parsed, dict):
        return invalid_parameters(NO_OBJECT)
    faults = _size_faults(parsed)
    return invalid_parameters(faults) if faults else parsed


def is_deeper(value: object, levels: int) -> bool:
    """Whether a JSON value is nested deeper than so many levels."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(levels == 0 or is_deeper(each, levels - 1) for each in inner)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _size_faults(arguments: Arguments) -> Sequence[Fault]:
    if is_deeper(dict(arguments), MAX_ARGUMENT_DEPTH):
        return TOO_DEEP
    try:
        size = len(json.dumps(arguments, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode())
    except UnicodeEncodeError:
        return NO_TEXT
    except (ValueError, RecursionError):
        return NO_OBJECT
    return TOO_LARGE if size > MAX_ARGUMENT_BYTES else ()
