"""The wire of Anthropic's messages, as its API reference describes it."""

import json
from collections.abc import Iterator, Mapping
from secrets import token_hex
from typing import Any

from devstack.model_server.http import JSON, Request
from devstack.model_server.script import Answer, Call, Finish
from devstack.model_server.wire import (
    CONTEXT_TOKENS,
    EVENT_STREAM,
    PROMPT_TOKENS,
    EncodedAnswer,
    Refusal,
    begun_text,
    compact,
    counted,
    parse_body,
)

STOP_REASONS = {
    Finish.STOP: "end_turn",
    Finish.LENGTH: "max_tokens",
    Finish.TOOL_CALLS: "tool_use",
    Finish.CONTENT_FILTER: "refusal",
}
ERRORS: Mapping[int, tuple[str, str]] = {
    400: ("invalid_request_error", "Invalid request."),
    401: ("authentication_error", "invalid x-api-key"),
    403: ("permission_error", "Your API key does not have permission to use the specified resource."),
    404: ("not_found_error", "The requested resource could not be found."),
    429: ("rate_limit_error", "This request would exceed your rate limit."),
    500: ("api_error", "Internal server error"),
    529: ("overloaded_error", "Overloaded"),
}


def refusal(request: Request, key: str) -> Refusal | None:
    # The API reference has the first; the SDK sends the second.
    if request.headers.get("x-api-key") != key and request.headers.get("authorization") != f"Bearer {key}":
        return Refusal(401, error(401))
    if "anthropic-version" not in request.headers:
        return Refusal(400, _error("invalid_request_error", "anthropic-version: header is required"))
    return _refusal_of_body(request) if request.method == "POST" else None


def _refusal_of_body(request: Request) -> Refusal | None:
    body = parse_body(request)
    if body is None:
        return Refusal(400, error(400))
    if not isinstance(body.get("max_tokens"), int):
        return Refusal(400, _error("invalid_request_error", "max_tokens: Field required"))
    begun = begun_text(body["messages"])
    if begun != begun.rstrip():
        message = "messages: final assistant content cannot end with trailing whitespace"
        return Refusal(400, _error("invalid_request_error", message))
    return None


def error(status: int) -> Mapping[str, object]:
    return _error(*ERRORS.get(status, ERRORS[500 if status >= 500 else 400]))


def _error(kind: str, message: str) -> Mapping[str, object]:
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": f"req_{token_hex(12)}"}


def context_too_long() -> Mapping[str, object]:
    message = f"prompt is too long: {PROMPT_TOKENS} tokens > {CONTEXT_TOKENS} maximum"
    return _error("invalid_request_error", message)


def error_event() -> bytes:
    return _event({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})


def models(names: list[str]) -> Mapping[str, object]:
    made = "2026-01-01T00:00:00Z"
    data = [{"type": "model", "id": name, "display_name": name, "created_at": made} for name in names]
    return {"data": data, "has_more": False, "first_id": names[0], "last_id": names[-1]}


def encode_answer(answer: Answer, body: Mapping[str, Any]) -> EncodedAnswer:
    message = _message(body)
    usage = _usage(answer, body)
    stop = {"stop_reason": STOP_REASONS[answer.finish_reason], "stop_sequence": None}
    if not body.get("stream"):
        whole = {**message, "content": _content(answer), **stop, **usage}
        return EncodedAnswer(JSON, b"", (), compact(whole).encode(), b"")
    begun = {"usage": {**usage["usage"], "output_tokens": 1}} if usage else {}
    opening = _event({"type": "message_start", "message": {**message, **begun}}) + _event({"type": "ping"})
    blocks = bool(answer.words()) + len(answer.calls)
    ending = _event({"type": "content_block_stop", "index": blocks - 1}) if blocks else b""
    ending += _event({"type": "message_delta", "delta": stop, **usage})
    return EncodedAnswer(EVENT_STREAM, opening, _pieces(answer), ending, _event({"type": "message_stop"}))


def _message(body: Mapping[str, Any]) -> dict[str, object]:
    nothing: dict[str, object] = {"content": [], "stop_reason": None, "stop_sequence": None}
    return {"id": f"msg_{token_hex(12)}", "type": "message", "role": "assistant", "model": body["model"], **nothing}


def _pieces(answer: Answer) -> Iterator[bytes]:
    """The deltas; the first of a block with the end of the block before it and the beginning of its own."""
    for index, (block, deltas) in enumerate(_blocks(answer)):
        begin = _event({"type": "content_block_stop", "index": index - 1}) if index else b""
        begin += _event({"type": "content_block_start", "index": index, "content_block": block})
        for delta in deltas:
            yield begin + _event({"type": "content_block_delta", "index": index, "delta": delta})
            begin = b""


def _blocks(answer: Answer) -> Iterator[tuple[dict[str, object], Iterator[dict[str, object]]]]:
    """Each block as it begins, with its deltas."""
    if answer.words():
        yield {"type": "text", "text": ""}, ({"type": "text_delta", "text": word} for word in answer.said())
    for call in answer.calls:
        fragments = call.pieces()
        yield _tool_use(call, {}), ({"type": "input_json_delta", "partial_json": piece} for piece in fragments)


def _tool_use(call: Call, arguments: object) -> dict[str, object]:
    return {"type": "tool_use", "id": f"toolu_{token_hex(12)}", "name": call.tool, "input": arguments}


def _event(value: Mapping[str, object]) -> bytes:
    return f"event: {value['type']}\ndata: {compact(value)}\n\n".encode()


def _content(answer: Answer) -> list[dict[str, object]]:
    text = "".join(answer.words())
    blocks: list[dict[str, object]] = [{"type": "text", "text": text}] if text else []
    return blocks + [_tool_use(call, _parsed(call.arguments)) for call in answer.calls]


def _parsed(arguments: str) -> object:
    try:
        return json.loads(arguments)
    except ValueError:
        return arguments


def _usage(answer: Answer, body: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    if answer.usage is None:
        return {}
    prompt, completion = counted(answer, body, answer.usage)
    cached = {"cache_creation_input_tokens": 0, "cache_read_input_tokens": answer.usage.cached}
    return {"usage": {"input_tokens": prompt - answer.usage.cached, **cached, "output_tokens": completion}}
