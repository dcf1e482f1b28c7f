"""The unmodified `anthropic` SDK reads what the server says on the wire of messages."""

from collections.abc import AsyncIterator

import anthropic
import httpx2
import pytest
from anthropic.types import Message, MessageParam, RawMessageStreamEvent

from devstack.model_server.faults import Fault, FaultKind
from devstack.model_server.script import Answer, Call, Finish, Usage
from devstack.model_server.server import ModelServer

HELLO: list[MessageParam] = [{"role": "user", "content": "Hello"}]
CALLS = (Call(tool="echo", arguments='{"text": "Grüße"}', fragments=5), Call(tool="get-time", fragments=2))


@pytest.fixture(scope="module")
async def client(server: ModelServer) -> AsyncIterator[anthropic.AsyncAnthropic]:
    async with anthropic.AsyncAnthropic(base_url=server.url, api_key="scripted", max_retries=0, timeout=5) as made:
        yield made


async def events(client: anthropic.AsyncAnthropic) -> list[RawMessageStreamEvent]:
    stream = await client.messages.create(model="any", max_tokens=64, messages=HELLO, stream=True)
    return [event async for event in stream]


async def final_message(client: anthropic.AsyncAnthropic) -> Message:
    async with client.messages.stream(model="any", max_tokens=64, messages=HELLO) as stream:
        return await stream.get_final_message()


async def test_text_is_read_word_by_word(server: ModelServer, client: anthropic.AsyncAnthropic) -> None:
    server.script(Answer(text="Grüße in die Welt 🌍"))

    async with client.messages.stream(model="any", max_tokens=64, messages=HELLO) as stream:
        said = [text async for text in stream.text_stream]

    assert said == ["Grüße", " in", " die", " Welt", " 🌍"]


async def test_events_come_in_their_order(server: ModelServer, client: anthropic.AsyncAnthropic) -> None:
    server.script(Answer(text="Hello", calls=CALLS[1:]))

    assert [event.type for event in await events(client)] == [
        "message_start",
        *("content_block_start", "content_block_delta", "content_block_stop"),
        *("content_block_start", "content_block_delta", "content_block_delta", "content_block_stop"),
        *("message_delta", "message_stop"),
    ]


async def test_usage_is_read(server: ModelServer, client: anthropic.AsyncAnthropic) -> None:
    server.script(Answer(text="Hello", usage=Usage(prompt=70, completion=3, cached=64)))

    usage = (await final_message(client)).usage

    assert (usage.input_tokens, usage.cache_read_input_tokens, usage.output_tokens) == (6, 64, 3)


async def test_calls_are_put_together_from_fragments(server: ModelServer, client: anthropic.AsyncAnthropic) -> None:
    server.script(Answer(text="One moment.", calls=CALLS))

    message = await final_message(client)

    calls = [block for block in message.content if block.type == "tool_use"]
    assert [(call.name, call.input) for call in calls] == [("echo", {"text": "Grüße"}), ("get-time", {})]
    assert len({call.id for call in calls}) == 2
    assert message.stop_reason == "tool_use"


async def test_answer_is_read_whole(server: ModelServer, client: anthropic.AsyncAnthropic) -> None:
    server.script(Answer(text="Hello there", calls=CALLS, usage=Usage(prompt=7, completion=2)))

    message = await client.messages.create(model="any", max_tokens=64, messages=HELLO)

    assert [block.type for block in message.content] == ["text", "tool_use", "tool_use"]
    assert (message.usage.input_tokens, message.usage.output_tokens) == (7, 2)


@pytest.mark.parametrize(
    ("finish", "reason"),
    [
        (Finish.STOP, "end_turn"),
        (Finish.LENGTH, "max_tokens"),
        (Finish.TOOL_CALLS, "tool_use"),
        (Finish.CONTENT_FILTER, "refusal"),
    ],
)
async def test_stop_reason_is_read(
    server: ModelServer, client: anthropic.AsyncAnthropic, finish: Finish, reason: str
) -> None:
    server.script(Answer(text="Hello", finish=finish))

    assert (await final_message(client)).stop_reason == reason


@pytest.mark.parametrize(
    ("status", "expected", "kind"),
    [
        (400, anthropic.BadRequestError, "invalid_request_error"),
        (401, anthropic.AuthenticationError, "authentication_error"),
        (403, anthropic.PermissionDeniedError, "permission_error"),
        (404, anthropic.NotFoundError, "not_found_error"),
        (408, anthropic.APIStatusError, "invalid_request_error"),
        (409, anthropic.ConflictError, "invalid_request_error"),
        (425, anthropic.APIStatusError, "invalid_request_error"),
        (429, anthropic.RateLimitError, "rate_limit_error"),
        (500, anthropic.InternalServerError, "api_error"),
        (503, anthropic.InternalServerError, "api_error"),
        (529, anthropic.InternalServerError, "overloaded_error"),
    ],
)
async def test_status_is_an_error_of_its_class(
    server: ModelServer,
    client: anthropic.AsyncAnthropic,
    status: int,
    expected: type[anthropic.APIStatusError],
    kind: str,
) -> None:
    server.script(Answer(fault=Fault(kind=FaultKind.STATUS, status=status, retry_after="7")))

    with pytest.raises(expected) as raised:
        await events(client)

    assert (raised.value.status_code, raised.value.type) == (status, kind)
    assert raised.value.response.headers["retry-after"] == "7"


async def test_wrong_key_is_refused(client: anthropic.AsyncAnthropic) -> None:
    with pytest.raises(anthropic.AuthenticationError, match="invalid x-api-key"):
        await events(client.with_options(api_key="other"))


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (FaultKind.CONTEXT_TOO_LONG, "prompt is too long: 4476 tokens > 4096 maximum"),
        (FaultKind.LLAMA_CONTEXT_TOO_LONG, "exceed_context_size_error"),
    ],
)
async def test_overlong_prompt_is_named(
    server: ModelServer, client: anthropic.AsyncAnthropic, kind: FaultKind, message: str
) -> None:
    server.script(Answer(fault=Fault(kind=kind)))

    with pytest.raises(anthropic.BadRequestError, match=message):
        await events(client)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault(kind=FaultKind.ERROR_EVENT, after=1), anthropic.APIStatusError),
        (Fault(kind=FaultKind.HALF_LINE, after=1), httpx2.RemoteProtocolError),
        (Fault(kind=FaultKind.RESET, after=1), httpx2.ReadError),
        (Fault(kind=FaultKind.RESET), anthropic.APIConnectionError),
        (Fault(kind=FaultKind.HANG), anthropic.APITimeoutError),
        (Fault(kind=FaultKind.HANG, after=1), httpx2.ReadTimeout),
    ],
    ids=["error_event", "half_line", "reset_amid", "reset_before", "hang_before", "hang_amid"],
)
async def test_broken_stream_is_an_error(
    server: ModelServer, client: anthropic.AsyncAnthropic, fault: Fault, expected: type[Exception]
) -> None:
    server.script(Answer(text="Hello there", fault=fault))

    with pytest.raises(expected):
        await events(client.with_options(timeout=httpx2.Timeout(5, read=0.2)))


@pytest.mark.parametrize("kind", [FaultKind.NO_END, FaultKind.DRIP, FaultKind.SPLIT_UTF8])
async def test_odd_stream_is_read_all_the_same(
    server: ModelServer, client: anthropic.AsyncAnthropic, kind: FaultKind
) -> None:
    server.script(Answer(text="Grüße 🌍", fault=Fault(kind=kind)))

    message = await final_message(client)

    assert [block.type == "text" and block.text for block in message.content] == ["Grüße 🌍"]


async def test_models_are_listed(client: anthropic.AsyncAnthropic) -> None:
    assert [model.id async for model in client.models.list()] == ["scripted"]
