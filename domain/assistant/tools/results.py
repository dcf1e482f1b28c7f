"""Results of tool calls: data, or an error by name that a program and a model can read alike."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


# Why a call has no data. No docstring: Pydantic shows it in docs/openapi.json.
class ToolErrorCode(StrEnum):
    TOOL_NOT_FOUND = "TOOL_NOT_FOUND"
    UNAUTHORIZED = "UNAUTHORIZED"
    INVALID_PARAMETERS = "INVALID_PARAMETERS"
    EXECUTION_FAILED = "EXECUTION_FAILED"
    TIMEOUT = "TIMEOUT"
    CONCURRENCY_LIMIT = "CONCURRENCY_LIMIT"
    RESULT_TOO_LARGE = "RESULT_TOO_LARGE"
    CALL_LIMIT = "CALL_LIMIT"
    DECLINED = "DECLINED"


MESSAGES: Mapping[ToolErrorCode, str] = {
    ToolErrorCode.TOOL_NOT_FOUND: "There is no such tool.",
    ToolErrorCode.UNAUTHORIZED: "This tool may not be used here.",
    ToolErrorCode.INVALID_PARAMETERS: "The arguments do not fit the tool.",
    ToolErrorCode.EXECUTION_FAILED: "The tool failed.",
    ToolErrorCode.TIMEOUT: "The tool did not finish in time.",
    ToolErrorCode.CONCURRENCY_LIMIT: "Too many calls run at once. Repeat it in a moment.",
    ToolErrorCode.RESULT_TOO_LARGE: "The result is larger than the tool may return. Ask for less.",
    ToolErrorCode.CALL_LIMIT: "An answer may call no more tools than this.",
    ToolErrorCode.DECLINED: "The user did not agree to the call.",
}
UNKNOWN_OUTCOME = "It is not known whether the change was made. Look before you ask for it again."
"""Of a change whose worker died: it is not made a second time."""

Details = Mapping[str, object]


@dataclass(frozen=True)
class ToolError:
    """Why a call has no data. `details`: for the caller, JSON values."""

    code: ToolErrorCode
    message: str
    details: Details | None = None


@dataclass(frozen=True)
class ToolResult:
    """The end of a call: data, JSON values, or an error."""

    data: Mapping[str, object] | None = None
    error: ToolError | None = None

    @property
    def success(self) -> bool:
        """Whether the tool did what it was asked for."""
        return self.error is None


@dataclass(frozen=True)
class Fault:
    """What is wrong with one argument. `field`: its path, with dots; empty for the arguments as a whole."""

    field: str
    message: str


def failure(code: ToolErrorCode, message: str | None = None, details: Details | None = None) -> ToolResult:
    """Return the result of a call that failed."""
    return ToolResult(error=ToolError(code, message or MESSAGES[code], details))


def invalid_parameters(faults: Sequence[Fault]) -> ToolResult:
    """Return the result of a call whose arguments have these faults."""
    listed = [{"field": fault.field, "message": fault.message} for fault in faults]
    return failure(ToolErrorCode.INVALID_PARAMETERS, details={"faults": listed})


def execution_failed(code: str, message: str) -> ToolResult:
    """Return the result of a call that ended with the error of this name."""
    return failure(ToolErrorCode.EXECUTION_FAILED, message, {"code": code})


def unknown_outcome() -> ToolResult:
    """Return the result of a change that may or may not have been made."""
    return execution_failed("UnknownOutcome", UNKNOWN_OUTCOME)


def bounded(result: ToolResult, max_bytes: int) -> ToolResult:
    """Return the result, or RESULT_TOO_LARGE in place of more than `max_bytes` of JSON."""
    if len(result_text(result).encode()) > max_bytes:
        return failure(ToolErrorCode.RESULT_TOO_LARGE)
    return result


def result_text(result: ToolResult) -> str:
    """Return the result as a model reads it: compact JSON. Data of other users stays data."""
    return json_text(result_view(result))


def result_view(result: ToolResult) -> dict[str, object]:
    """Return the result as JSON values: `success`, and `data` or `error`."""
    if result.error is None:
        return {"success": True, "data": result.data}
    error = result.error
    details = {} if error.details is None else {"details": error.details}
    return {"success": False, "error": {"code": error.code, "message": error.message, **details}}


def parse_result(text: str) -> ToolResult:
    """Return the result that `result_text` wrote."""
    view = json.loads(text)
    if view["success"]:
        return ToolResult(view["data"])
    error = view["error"]
    return failure(ToolErrorCode(error["code"]), error["message"], error.get("details"))


def json_text(value: object) -> str:
    """Return the value as compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
