"""What a provider is sent, field by field: nothing else leaves."""

from typing import Any

from adapters.ai.anthropic_wire import ANTHROPIC
from adapters.ai.openai_wire import OPENAI


def openai_body(description: str, parameters: object) -> dict[str, Any]:
    return {
        "model": "wired",
        "messages": [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": "hello?"},
            {"role": "assistant", "content": "Let me see."},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {"id": "call_1", "type": "function", "function": {"name": "echo", "arguments": '{"text":"é"}'}}
                ],
            },
            {"role": "tool", "tool_call_id": "call_1", "content": '{"success":true}'},
        ],
        "tools": [
            {"type": "function", "function": {"name": "echo", "description": description, "parameters": parameters}}
        ],
        "max_completion_tokens": 512,
        "temperature": 0,
        "stream": True,
        "stream_options": {"include_usage": True},
        "user": "pseudonym",
    }


def anthropic_body(description: str, parameters: object) -> dict[str, Any]:
    return {
        "model": "wired",
        "system": "Be kind.",
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "hello?"}]},
            {
                "role": "assistant",
                "content": [
                    {"type": "text", "text": "Let me see."},
                    {"type": "tool_use", "id": "call_1", "name": "echo", "input": {"text": "é"}},
                ],
            },
            {
                "role": "user",
                "content": [{"type": "tool_result", "tool_use_id": "call_1", "content": '{"success":true}'}],
            },
        ],
        "tools": [{"name": "echo", "description": description, "input_schema": parameters}],
        "max_tokens": 512,
        "temperature": 0,
        "stream": True,
        "metadata": {"user_id": "pseudonym"},
    }


WIRE_BODIES = {OPENAI.path: openai_body, ANTHROPIC.path: anthropic_body}
"""By path. Each takes the description and the parameters of a tool."""
