"""What a program that calls tools is told of them: those that its caller may use, in the form of MCP."""

from collections.abc import Sequence

from domain.assistant.tools.checks import ToolCaller, may_use
from domain.assistant.tools.registry import ToolDefinition, ToolRegistry


def usable_tools(tools: ToolRegistry, caller: ToolCaller) -> Sequence[ToolDefinition]:
    """Return the tools that a caller may use, by name, without deprecated ones."""
    return [tool for tool in tools.list_tools() if may_use(tool, caller)]


def tool_listing(tool: ToolDefinition) -> dict[str, object]:
    """Return a tool as MCP lists it. Its `inputSchema` is JSON Schema 2020-12."""
    title = {"title": tool.title} if tool.title else {}
    return {
        "name": tool.name,
        **title,
        "description": tool.description,
        "inputSchema": tool.parameters,
        "annotations": {
            "readOnlyHint": not tool.changes,
            "destructiveHint": tool.changes,
            "idempotentHint": tool.is_idempotent,
            "openWorldHint": False,
        },
    }
