"""All tools that the product has."""

from domain.assistant.tool_calls import ToolCall
from domain.assistant.tools.definitions import notifications, profiles, relationships, search, utility
from domain.assistant.tools.registry import ToolRegistry

REGISTRY = ToolRegistry((*profiles.TOOLS, *search.TOOLS, *relationships.TOOLS, *notifications.TOOLS, *utility.TOOLS))


def summary_of(call: ToolCall) -> str:
    """Return our own sentence for a call, for the user who approves it."""
    tool = REGISTRY.find(call.tool)
    return tool.summary(call.arguments) if tool else call.tool
