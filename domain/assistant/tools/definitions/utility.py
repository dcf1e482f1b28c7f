"""Tools that read nothing of anyone: the time, an echo, a calculator."""

from collections.abc import Sequence

from domain.assistant.tools.arithmetic import MAX_LENGTH
from domain.assistant.tools.definitions.schemas import arguments_schema
from domain.assistant.tools.registry import ToolCategory, ToolDefinition

MAX_ECHO = 2_000

TOOLS: Sequence[ToolDefinition] = (
    ToolDefinition(
        name="get-time",
        description="Return the time now, in UTC and in a time zone of the IANA database.",
        parameters=arguments_schema(
            {
                "timezone": {
                    "type": "string",
                    "pattern": "^[A-Za-z0-9_+/-]{1,64}$",
                    "default": "UTC",
                    "description": "Such as Europe/Vienna.",
                }
            }
        ),
        category=ToolCategory.UTILITY,
    ),
    ToolDefinition(
        name="echo",
        description="Return the text that was given.",
        parameters=arguments_schema({"text": {"type": "string", "maxLength": MAX_ECHO}}, required=("text",)),
        category=ToolCategory.UTILITY,
    ),
    ToolDefinition(
        name="calculator",
        description="Compute with decimal numbers: + - * / % ^ and parentheses. % is the remainder, ^ a whole power.",
        parameters=arguments_schema(
            {"expression": {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH}}, required=("expression",)
        ),
        category=ToolCategory.UTILITY,
    ),
)
