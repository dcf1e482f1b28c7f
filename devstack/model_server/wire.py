"""What the two wires have in common: an answer in the bytes of a wire, and what llama.cpp says on both."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from devstack.model_server.http import Request
from devstack.model_server.script import Answer, Usage

EVENT_STREAM = "text/event-stream; charset=utf-8"
# The numbers of every overlong prompt.
PROMPT_TOKENS, CONTEXT_TOKENS = 4476, 4096
LLAMA_CONTEXT_TOO_LONG: Mapping[str, object] = {
    "error": {
        "code": 400,
        "message": f"request ({PROMPT_TOKENS} tokens) exceeds the available context size "
        f"({CONTEXT_TOKENS} tokens), try increasing it",
        "type": "exceed_context_size_error",
        "n_prompt_tokens": PROMPT_TOKENS,
        "n_ctx": CONTEXT_TOKENS,
    }
}


@dataclass(frozen=True, slots=True)
class EncodedAnswer:
    """An answer as bytes: what comes before the pieces, each piece, finish and usage, and the mark of the end."""

    content_type: str
    opening: bytes
    pieces: Iterable[bytes]
    ending: bytes
    mark: bytes


@dataclass(frozen=True, slots=True)
class Refusal:
    status: int
    body: Mapping[str, object]


class Wire(Protocol):
    """A wire is a module with these functions."""

    def refusal(self, request: Request, key: str) -> Refusal | None:
        """Why a provider does not take the request; None if it does."""

    def error(self, status: int) -> Mapping[str, object]:
        """The body of a response with this status."""

    def context_too_long(self) -> Mapping[str, object]:
        """The body of the 400 for an overlong prompt."""

    def error_event(self) -> bytes:
        """The event with which a stream breaks off."""

    def models(self, names: list[str]) -> Mapping[str, object]:
        """The list of models."""

    def encode_answer(self, answer: Answer, body: Mapping[str, Any]) -> EncodedAnswer:
        """The answer to a body that was not refused."""


def compact(value: object) -> str:
    """JSON as providers write it: without blanks, and in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def parse_body(request: Request) -> dict[str, Any] | None:
    """The body with its model and messages; None if it has not got them."""
    try:
        body = json.loads(request.body)
    except ValueError:
        return None
    if not isinstance(body, dict) or not isinstance(body.get("model"), str):
        return None
    messages = body.get("messages")
    is_list = isinstance(messages, list) and all(isinstance(message, dict) for message in messages)
    return body if is_list and messages else None


def begun_text(messages: list[dict[str, Any]]) -> str:
    """The beginning of an answer with which a request ends; empty if it ends otherwise."""
    last = messages[-1]
    content = (last.get("content") or "") if last.get("role") == "assistant" else ""
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content)


def counted(answer: Answer, body: Mapping[str, Any], usage: Usage) -> tuple[int, int]:
    """Tokens of prompt and completion: as claimed, else four bytes of the messages and a piece of the answer each."""
    pieces = len(answer.words()) + sum(call.fragments for call in answer.calls)
    prompt = len(compact(body["messages"]).encode()) // 4 if usage.prompt is None else usage.prompt
    return prompt, pieces if usage.completion is None else usage.completion
