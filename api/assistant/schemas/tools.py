"""Tools, and calls of them."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import Field, StringConstraints

from api.schemas.envelope import Body, View
from api.schemas.fields import Unicode
from api.schemas.paging import ListQuery
from domain.assistant.tool_calls import CALL_ID_PATTERN, ToolCall, ToolCallState
from domain.assistant.tools.registry import ToolCategory, ToolDefinition
from domain.assistant.tools.results import ToolErrorCode, ToolResult
from domain.users.permissions import Permission

CallId = Annotated[str, StringConstraints(pattern=CALL_ID_PATTERN)]
ToolNameInPath = Annotated[Unicode, Path()]
CallIdInPath = Annotated[CallId, Path()]


class ToolsQuery(ListQuery):
    category: ToolCategory | None = Query(None)
    include_deprecated: bool = Query(False)


Listing = Annotated[ToolsQuery, Query()]


class ToolView(View):
    """`parameters` is JSON Schema 2020-12. A caller needs the permission `scope`, an API key as its scope."""

    name: str
    description: str
    parameters: dict[str, Any]
    category: ToolCategory
    version: str
    is_deprecated: bool
    scope: Permission | None
    changes: bool
    timeout_seconds: float

    @classmethod
    def of(cls, tool: ToolDefinition) -> "ToolView":
        return cls(
            name=tool.name,
            description=tool.description,
            parameters=dict(tool.parameters),
            category=tool.category,
            version=tool.version,
            is_deprecated=tool.is_deprecated,
            scope=tool.scope,
            changes=tool.changes,
            timeout_seconds=tool.timeout.total_seconds(),
        )


class ToolList(View):
    tools: list[ToolView]
    count: int

    @classmethod
    def of(cls, tools: Sequence[ToolDefinition]) -> "ToolList":
        return cls(tools=[ToolView.of(tool) for tool in tools], count=len(tools))


class ToolCallRequest(Body):
    parameters: dict[str, Any] = Field(default_factory=dict)
    call_id: CallId | None = Field(None, description="The same id and parameters are one call, for 30 days.")


class ToolErrorView(View):
    code: ToolErrorCode
    message: str
    details: dict[str, Any] | None


class ToolResultView(View):
    """`data` of a success, or `error`. `execution_ms` is null if the tool did not run to its end."""

    success: bool
    data: dict[str, Any] | None
    error: ToolErrorView | None
    execution_ms: int | None

    @classmethod
    def of(cls, result: ToolResult, execution_ms: int | None) -> "ToolResultView":
        error = result.error
        return cls(
            success=result.success,
            data=None if result.data is None else dict(result.data),
            error=ToolErrorView.model_validate(error, from_attributes=True) if error else None,
            execution_ms=execution_ms,
        )


class ToolCallView(View):
    """`result` is null while the call runs: repeat it with the same `call_id`."""

    call_id: str
    tool: str
    state: ToolCallState
    result: ToolResultView | None

    @classmethod
    def of(cls, call: ToolCall) -> "ToolCallView":
        result = ToolResultView.of(call.result, call.execution_ms) if call.result else None
        return cls(call_id=call.call_id, tool=call.tool, state=call.state, result=result)

    @classmethod
    def of_refused(cls, call_id: str, tool: str, result: ToolResult) -> "ToolCallView":
        refused = ToolResultView.of(result, None)
        return cls(call_id=call_id, tool=tool, state=ToolCallState.DONE, result=refused)
