"""The wire of OpenAI's chat completions, which Groq, vLLM, llama.cpp and many others speak too.

https://platform.openai.com/docs/api-reference/chat/create
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import WrapValidator

from adapters.ai.continuation import sent_beginning
from adapters.ai.endpoint import failure_of
from adapters.ai.wire import Count, Json, Listener, Said, Wire, WireModel, none_if_invalid, parse
from domain.assistant.conversation import Prompt, ToolExchange
from domain.assistant.language_models import Heartbeat, Spoken, TextPiece
from domain.assistant.tools.registry import ToolDefinition
from domain.assistant.turns import Usage

DONE = "[DONE]"


class _Function(Said):
    name: str = ""
    arguments: str = ""


class _Call(Said):
    index: int = 0
    function: _Function = _Function()


class _Delta(Said):
    content: str = ""
    tool_calls: tuple[_Call, ...] = ()


class _Choice(Said):
    delta: _Delta = _Delta()
    finish_reason: str | None = None


class _Details(Said):
    cached_tokens: Count = None


class _Usage(Said):
    prompt_tokens: Count = None
    completion_tokens: Count = None
    prompt_tokens_details: Annotated[_Details | None, WrapValidator(none_if_invalid)] = None


class _Chunk(Said):
    choices: tuple[_Choice, ...] = ()
    usage: Annotated[_Usage | None, WrapValidator(none_if_invalid)] = None
    error: object = None


class _Listener(Listener):
    def __init__(self) -> None:
        super().__init__()
        self._usage: _Usage | None = None

    def take(self, data: str) -> Spoken | None:
        if data == DONE:
            return None
        chunk = parse(_Chunk, data)
        if chunk.error is not None:
            raise failure_of(500, data)
        self._usage = chunk.usage or self._usage
        choice = chunk.choices[0] if chunk.choices else _Choice()
        self.finish = choice.finish_reason or self.finish
        for call in choice.delta.tool_calls:
            self.calls.begin(call.index, call.function.name)
            self.calls.add(call.index, call.function.arguments)
        return TextPiece(choice.delta.content) if choice.delta.content else Heartbeat()

    def usage(self) -> Usage | None:
        said = self._usage
        if said is None or said.prompt_tokens is None or said.completion_tokens is None:
            return None
        cached = said.prompt_tokens_details.cached_tokens if said.prompt_tokens_details else None
        return Usage(said.prompt_tokens, said.completion_tokens, cached_tokens=cached or 0)


def _headers(key: str | None) -> Mapping[str, str]:
    return {"authorization": f"Bearer {key}"} if key else {}


def _body(model: WireModel, prompt: Prompt) -> Json:
    return {
        "messages": list(_messages(prompt)),
        "max_completion_tokens": model.facts.max_output,
        "stream_options": {"include_usage": True},
        "user": prompt.user,
    }


def _messages(prompt: Prompt) -> Iterator[Json]:
    if prompt.system:
        yield {"role": "system", "content": prompt.system}
    for message in prompt.messages:
        yield {"role": message.role.value, "content": message.text}
    yield from _steps(prompt.steps)
    if begun := sent_beginning(prompt.begun):
        yield {"role": "assistant", "content": begun}


def _steps(steps: Sequence[str | ToolExchange]) -> Iterator[Json]:
    """Yield what was said and done in earlier rounds: each call as one message, its result as another."""
    for number, step in enumerate(steps):
        if isinstance(step, str):
            yield {"role": "assistant", "content": step}
            continue
        function = {"name": step.tool, "arguments": step.arguments}
        call = {"id": f"call_{number}", "type": "function", "function": function}
        yield {"role": "assistant", "content": None, "tool_calls": [call]}
        yield {"role": "tool", "tool_call_id": f"call_{number}", "content": step.result}


def _tool(tool: ToolDefinition) -> Json:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}


OPENAI = Wire(
    path="/chat/completions",
    headers=_headers,
    body=_body,
    tool=_tool,
    listener=_Listener,
    cut={"length"},
    refused="content_filter",
)
