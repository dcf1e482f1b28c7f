"""The wire of OpenAI's chat completions, as its API reference describes it."""

import time
from collections.abc import Iterator, Mapping
from secrets import token_hex
from typing import Any

from devstack.model_server.http import JSON, Request
from devstack.model_server.script import Answer, Call
from devstack.model_server.wire import (
    CONTEXT_TOKENS,
    EVENT_STREAM,
    PROMPT_TOKENS,
    EncodedAnswer,
    Refusal,
    compact,
    counted,
    parse_body,
)

# Type, code and message.
ERRORS: Mapping[int, tuple[str, str | None, str]] = {
    400: ("invalid_request_error", None, "Invalid request."),
    401: ("invalid_request_error", "invalid_api_key", "Incorrect API key provided."),
    403: ("request_forbidden", "unsupported_country_region_territory", "Country, region, or territory not supported"),
    404: ("invalid_request_error", "model_not_found", "The model does not exist or you do not have access to it."),
    429: ("requests", "rate_limit_exceeded", "Rate limit reached for requests."),
    503: ("server_error", None, "That model is currently overloaded with other requests."),
}
SERVER_ERROR = ("server_error", None, "The server had an error while processing your request.")


def refusal(request: Request, key: str) -> Refusal | None:
    if request.headers.get("authorization") != f"Bearer {key}":
        return Refusal(401, error(401))
    return Refusal(400, error(400)) if request.method == "POST" and parse_body(request) is None else None


def error(status: int) -> Mapping[str, object]:
    kind, code, message = ERRORS.get(status, SERVER_ERROR if status >= 500 else ERRORS[400])
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def context_too_long() -> Mapping[str, object]:
    message = (
        f"This model's maximum context length is {CONTEXT_TOKENS} tokens. However, your messages resulted in "
        f"{PROMPT_TOKENS} tokens. Please reduce the length of the messages."
    )
    code = "context_length_exceeded"
    return {"error": {"message": message, "type": "invalid_request_error", "param": "messages", "code": code}}


def error_event() -> bytes:
    return _event(error(500))


def models(names: list[str]) -> Mapping[str, object]:
    data = [{"id": name, "object": "model", "created": 0, "owned_by": "scripted"} for name in names]
    return {"object": "list", "data": data}


def encode_answer(answer: Answer, body: Mapping[str, Any]) -> EncodedAnswer:
    head: dict[str, object] = {"id": f"chatcmpl-{token_hex(12)}", "object": "chat.completion.chunk"}
    head |= {"created": int(time.time()), "model": body["model"], "system_fingerprint": "fp_scripted"}
    if not body.get("stream"):
        return EncodedAnswer(JSON, b"", (), compact(_completion(answer, body, head)).encode(), b"")
    usage = _usage(answer, body) if (body.get("stream_options") or {}).get("include_usage") else None
    # With include_usage each chunk has the field, null but in the last.
    extra = {} if usage is None else {"usage": None}
    role = {"role": "assistant", "content": "" if answer.words() or not answer.calls else None, "refusal": None}
    ending = _chunk(head, extra, {}, answer.finish_reason)
    if usage is not None:
        ending += _event({**head, "choices": [], "usage": usage})
    pieces = (b"".join(_chunk(head, extra, delta) for delta in piece) for piece in _deltas(answer))
    return EncodedAnswer(EVENT_STREAM, _chunk(head, extra, role), pieces, ending, b"data: [DONE]\n\n")


def _deltas(answer: Answer) -> Iterator[list[dict[str, object]]]:
    """The deltas of each piece."""
    for word in answer.said():
        yield [{"content": word}]
    for index, call in enumerate(answer.calls):
        begin: list[dict[str, object]] = [{"tool_calls": [{"index": index, **_call(call, "")}]}]
        for fragment in call.pieces():
            yield [*begin, {"tool_calls": [{"index": index, "function": {"arguments": fragment}}]}]
            begin = []


def _call(call: Call, arguments: str) -> dict[str, object]:
    function = {"name": call.tool, "arguments": arguments}
    return {"id": f"call_{token_hex(12)}", "type": "function", "function": function}


def _chunk(
    head: Mapping[str, object], extra: Mapping[str, object], delta: Mapping[str, object], finish: str | None = None
) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return _event({**head, "choices": [choice], **extra})


def _event(value: Mapping[str, object]) -> bytes:
    return f"data: {compact(value)}\n\n".encode()


def _completion(answer: Answer, body: Mapping[str, Any], head: Mapping[str, object]) -> dict[str, object]:
    message: dict[str, object] = {"role": "assistant", "content": "".join(answer.words()) or None, "refusal": None}
    if answer.calls:
        message["tool_calls"] = [_call(call, call.arguments) for call in answer.calls]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": answer.finish_reason}
    usage = _usage(answer, body)
    whole: dict[str, object] = {**head, "object": "chat.completion", "choices": [choice]}
    return whole if usage is None else {**whole, "usage": usage}


def _usage(answer: Answer, body: Mapping[str, Any]) -> dict[str, object] | None:
    if answer.usage is None:
        return None
    prompt, completion = counted(answer, body, answer.usage)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": answer.usage.cached, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }
