"""A call of a tool: who asks for what, how far it is, how it ended. It runs once for each id that its caller gives."""

import json
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from domain.assistant.tools.registry import Arguments, ToolDefinition
from domain.assistant.tools.results import ToolErrorCode, ToolResult, execution_failed, failure, unknown_outcome

CALL_TTL = timedelta(days=30)
SLOT_TTL = timedelta(minutes=5)
"""A call that was never started, since Temporal was away, counts so long as one that runs."""
CALL_ID_PATTERN = r"^[A-Za-z0-9._-]{8,128}$"

NO_ANSWER = "A server that the tool needs is away."
TOO_LATE = "The tool did not finish in time. It is not known whether the change was made."


# How far a call is. A user is asked about one that is WAITING. No docstring: Pydantic shows it in docs/openapi.json.
class ToolCallState(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"
    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True)
class NewToolCall:
    """A call to store. `call_key`: the id of its document, derived from user and `call_id`. `body_hash`: of what is
    called, which distinguishes a repeat from another call with its id. `chat_id`, `turn_id`: of a model's call.
    """

    call_key: str
    user_id: str
    call_id: str
    tool: str
    arguments: Arguments
    body_hash: str
    chat_id: str | None = None
    turn_id: str | None = None


@dataclass(frozen=True)
class ToolCall:
    """A stored call. `result`: None until it is done. `execution_ms`: how long the tool took, None if unknown."""

    call_key: str
    user_id: str
    call_id: str
    tool: str
    arguments: Arguments
    body_hash: str
    state: ToolCallState
    result: ToolResult | None = None
    execution_ms: int | None = None


def canonical_call(tool: str, arguments: Arguments) -> str:
    """Return one text for calls of the same tool with the same arguments."""
    return json.dumps([tool, arguments], sort_keys=True)


def lost_result(tool: ToolDefinition | None, *, has_timed_out: bool) -> ToolResult:
    """Return the result of a call whose last attempt ended without one. A change may have been made."""
    if has_timed_out:
        return failure(ToolErrorCode.TIMEOUT, TOO_LATE if tool and tool.changes else None)
    if tool and tool.changes:
        return unknown_outcome()
    return execution_failed("DependencyUnavailable", NO_ANSWER)
