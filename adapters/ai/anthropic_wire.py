"""The wire of Anthropic's messages, which llama.cpp and others speak too.

https://docs.anthropic.com/en/api/messages-streaming
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Annotated, Any

from pydantic import WrapValidator

from adapters.ai.continuation import sent_beginning
from adapters.ai.endpoint import failure_of
from adapters.ai.wire import Count, Json, Listener, Said, Wire, WireModel, none_if_invalid, parse
from domain.assistant.conversation import Prompt, ToolExchange
from domain.assistant.language_models import Heartbeat, Spoken, TextPiece
from domain.assistant.tools.registry import ToolDefinition
from domain.assistant.turns import Usage

VERSION = "2023-06-01"
STATUS = {"invalid_request_error": 400, "authentication_error": 401, "permission_error": 403, "not_found_error": 404}
"""Of errors amid an answer, by their type. All others may pass."""


class _Usage(Said):
    input_tokens: Count = None
    output_tokens: Count = None
    cache_read_input_tokens: Count = None
    cache_creation_input_tokens: Count = None


def _unsaid_if_invalid(value: object, validate: Any) -> object:
    return none_if_invalid(value, validate) or _Usage()


class _Message(Said):
    usage: Annotated[_Usage, WrapValidator(_unsaid_if_invalid)] = _Usage()


class _Block(Said):
    type: str = ""
    name: str = ""


class _Delta(Said):
    text: str = ""
    partial_json: str = ""
    stop_reason: str | None = None


class _Error(Said):
    type: str = ""


class _Event(Said):
    type: str = ""
    index: int = 0
    message: _Message = _Message()
    content_block: _Block = _Block()
    delta: _Delta = _Delta()
    usage: Annotated[_Usage, WrapValidator(_unsaid_if_invalid)] = _Usage()
    error: _Error = _Error()


class _Listener(Listener):
    def __init__(self) -> None:
        super().__init__()
        self._usage = _Usage()

    def take(self, data: str) -> Spoken | None:
        event = parse(_Event, data)
        if event.type == "message_stop":
            return None
        if event.type == "error":
            raise failure_of(STATUS.get(event.error.type, 500), data)
        if event.type in ("message_start", "message_delta"):
            self._count(event)
        self.finish = event.delta.stop_reason or self.finish
        if event.type == "content_block_start" and event.content_block.type == "tool_use":
            self.calls.begin(event.index, event.content_block.name)
        self.calls.add(event.index, event.delta.partial_json)
        return TextPiece(event.delta.text) if event.delta.text else Heartbeat()

    def usage(self) -> Usage | None:
        said = self._usage
        if said.input_tokens is None or said.output_tokens is None:
            return None
        cached = said.cache_read_input_tokens or 0
        prompt_tokens = said.input_tokens + cached + (said.cache_creation_input_tokens or 0)
        return Usage(prompt_tokens, said.output_tokens, cached_tokens=cached)

    def _count(self, event: _Event) -> None:
        """Take what was said of the usage: the numbers are sums so far. What is said at the start of the output is no
        count of it.
        """
        if event.type == "message_start":
            self._usage = event.message.usage.model_copy(update={"output_tokens": None})
        else:
            self._usage = self._usage.model_copy(update=event.usage.model_dump(exclude_none=True))


def _headers(key: str | None) -> Mapping[str, str]:
    return {"anthropic-version": VERSION} | ({"x-api-key": key} if key else {})


def _body(model: WireModel, prompt: Prompt) -> Json:
    body: Json = {
        "messages": list(_messages(prompt)),
        "max_tokens": model.facts.max_output,
        "metadata": {"user_id": prompt.user},
    }
    return body | ({"system": prompt.system} if prompt.system else {})


def _messages(prompt: Prompt) -> Iterator[Json]:
    """Yield the messages. Those of one role that follow each other are one: the roles take turns."""
    blocks = [(message.role.value, _text(message.text)) for message in prompt.messages]
    blocks += _steps(prompt.steps)
    if begun := sent_beginning(prompt.begun):
        blocks.append(("assistant", _text(begun)))
    for role, group in groupby(blocks, key=lambda block: block[0]):
        yield {"role": role, "content": [block for _, block in group]}


def _steps(steps: Sequence[str | ToolExchange]) -> Iterator[tuple[str, Json]]:
    for number, step in enumerate(steps):
        if isinstance(step, str):
            yield "assistant", _text(step)
            continue
        call = {"type": "tool_use", "id": f"call_{number}", "name": step.tool, "input": json.loads(step.arguments)}
        yield "assistant", call
        yield "user", {"type": "tool_result", "tool_use_id": f"call_{number}", "content": step.result}


def _text(text: str) -> Json:
    return {"type": "text", "text": text}


def _tool(tool: ToolDefinition) -> Json:
    return {"name": tool.name, "description": tool.description, "input_schema": tool.parameters}


ANTHROPIC = Wire(
    path="/messages",
    headers=_headers,
    body=_body,
    tool=_tool,
    listener=_Listener,
    cut={"max_tokens", "model_context_window_exceeded"},
    refused="refusal",
)
