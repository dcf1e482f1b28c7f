"""The unmodified `openai` SDK reads what the server says on the wire of chat completions."""

from collections.abc import AsyncIterator

import httpx2
import openai
import pytest
from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam

from devstack.model_server.faults import Fault, FaultKind
from devstack.model_server.script import Answer, Call, Finish, Usage
from devstack.model_server.server import ModelServer

HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Hello"}]
CALLS = (Call(tool="echo", arguments='{"text": "Grüße"}', fragments=5), Call(tool="get-time", fragments=2))


@pytest.fixture(scope="module")
async def client(server: ModelServer) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key="scripted", max_retries=0, timeout=5) as made:
        yield made


async def chunks(client: openai.AsyncOpenAI) -> list[ChatCompletionChunk]:
    stream = await client.chat.completions.create(
        model="any", messages=HELLO, stream=True, stream_options={"include_usage": True}
    )
    return [chunk async for chunk in stream]


async def test_text_is_read_word_by_word(server: ModelServer, client: openai.AsyncOpenAI) -> None:
    server.script(Answer(text="Grüße in die Welt 🌍"))

    said = [chunk.choices[0].delta.content for chunk in await chunks(client) if chunk.choices]

    assert said == ["", "Grüße", " in", " die", " Welt", " 🌍", None]


async def test_usage_comes_in_the_last_chunk(server: ModelServer, client: openai.AsyncOpenAI) -> None:
    server.script(Answer(text="Hello", usage=Usage(prompt=70, completion=3, cached=64)))

    *others, last = await chunks(client)

    assert [chunk.usage for chunk in others] == [None] * len(others)
    assert last.usage is not None
    assert (last.usage.prompt_tokens, last.usage.completion_tokens, last.usage.total_tokens) == (70, 3, 73)
    assert last.usage.prompt_tokens_details is not None
    assert last.usage.prompt_tokens_details.cached_tokens == 64


async def test_answer_without_usage_has_none(server: ModelServer, client: openai.AsyncOpenAI) -> None:
    server.script(Answer(text="Hello", usage=None))

    assert {chunk.usage for chunk in await chunks(client)} == {None}


async def test_usage_is_not_said_unless_it_is_asked_for(server: ModelServer, client: openai.AsyncOpenAI) -> None:
    server.script(Answer(text="Hello"))

    stream = await client.chat.completions.create(model="any", messages=HELLO, stream=True)

    assert {chunk.usage async for chunk in stream} == {None}


async def test_calls_are_put_together_from_fragments(server: ModelServer, client: openai.AsyncOpenAI) -> None:
    server.script(Answer(text="One moment.", calls=CALLS))

    async with client.chat.completions.stream(model="any", messages=HELLO) as stream:
        choice = (await stream.get_final_completion()).choices[0]

    calls = choice.message.tool_calls or []
    assert [(call.function.name, call.function.arguments) for call in calls] == [
        ("echo", '{"text": "Grüße"}'),
        ("get-time", "{}"),
    ]
    assert len({call.id for call in calls}) == 2
    assert (choice.message.content, choice.finish_reason) == ("One moment.", "tool_calls")


async def test_answer_is_read_whole(server: ModelServer, client: openai.AsyncOpenAI) -> None:
    server.script(Answer(text="Hello there", calls=CALLS, usage=Usage(prompt=7, completion=2)))

    whole = await client.chat.completions.create(model="any", messages=HELLO)

    message = whole.choices[0].message
    assert message.content == "Hello there"
    assert [call.type == "function" and call.function.name for call in message.tool_calls or []] == ["echo", "get-time"]
    assert whole.usage is not None
    assert whole.usage.total_tokens == 9


@pytest.mark.parametrize("finish", [*Finish])
async def test_finish_reason_is_read(server: ModelServer, client: openai.AsyncOpenAI, finish: Finish) -> None:
    server.script(Answer(text="Hello", finish=finish))

    reasons = [chunk.choices[0].finish_reason for chunk in await chunks(client) if chunk.choices]

    assert reasons == [None, None, finish]


@pytest.mark.parametrize(
    ("status", "expected", "code"),
    [
        (400, openai.BadRequestError, None),
        (401, openai.AuthenticationError, "invalid_api_key"),
        (403, openai.PermissionDeniedError, "unsupported_country_region_territory"),
        (404, openai.NotFoundError, "model_not_found"),
        (408, openai.APIStatusError, None),
        (409, openai.ConflictError, None),
        (425, openai.APIStatusError, None),
        (429, openai.RateLimitError, "rate_limit_exceeded"),
        (500, openai.InternalServerError, None),
        (503, openai.InternalServerError, None),
        (529, openai.InternalServerError, None),
    ],
)
async def test_status_is_an_error_of_its_class(
    server: ModelServer,
    client: openai.AsyncOpenAI,
    status: int,
    expected: type[openai.APIStatusError],
    code: str | None,
) -> None:
    server.script(Answer(fault=Fault(kind=FaultKind.STATUS, status=status, retry_after="7")))

    with pytest.raises(expected) as raised:
        await chunks(client)

    assert (raised.value.status_code, raised.value.code) == (status, code)
    assert raised.value.response.headers["retry-after"] == "7"


async def test_wrong_key_is_refused(client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.AuthenticationError, match="Incorrect API key provided"):
        await chunks(client.with_options(api_key="other"))


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        (FaultKind.CONTEXT_TOO_LONG, "code", "context_length_exceeded"),
        (FaultKind.LLAMA_CONTEXT_TOO_LONG, "type", "exceed_context_size_error"),
        (FaultKind.LLAMA_CONTEXT_TOO_LONG, "n_prompt_tokens", 4476),
        (FaultKind.LLAMA_CONTEXT_TOO_LONG, "n_ctx", 4096),
    ],
)
async def test_overlong_prompt_is_named(
    server: ModelServer, client: openai.AsyncOpenAI, kind: FaultKind, field: str, value: object
) -> None:
    server.script(Answer(fault=Fault(kind=kind)))

    with pytest.raises(openai.BadRequestError) as raised:
        await chunks(client)

    assert isinstance(raised.value.body, dict)
    assert raised.value.body[field] == value


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault(kind=FaultKind.ERROR_EVENT, after=1), openai.APIError),
        (Fault(kind=FaultKind.NOT_JSON, after=1), ValueError),
        (Fault(kind=FaultKind.HALF_LINE, after=1), openai.APIConnectionError),
        (Fault(kind=FaultKind.RESET, after=1), openai.APIConnectionError),
        (Fault(kind=FaultKind.RESET), openai.APIConnectionError),
        (Fault(kind=FaultKind.HANG), openai.APITimeoutError),
        (Fault(kind=FaultKind.HANG, after=1), openai.APITimeoutError),
    ],
    ids=["error_event", "not_json", "half_line", "reset_amid", "reset_before", "hang_before", "hang_amid"],
)
async def test_broken_stream_is_an_error(
    server: ModelServer, client: openai.AsyncOpenAI, fault: Fault, expected: type[Exception]
) -> None:
    server.script(Answer(text="Hello there", fault=fault))

    with pytest.raises(expected):
        await chunks(client.with_options(timeout=httpx2.Timeout(5, read=0.2)))


@pytest.mark.parametrize("kind", [FaultKind.NO_END, FaultKind.DRIP, FaultKind.SPLIT_UTF8])
async def test_odd_stream_is_read_all_the_same(
    server: ModelServer, client: openai.AsyncOpenAI, kind: FaultKind
) -> None:
    server.script(Answer(text="Grüße 🌍", fault=Fault(kind=kind)))

    said = [chunk.choices[0].delta.content or "" for chunk in await chunks(client) if chunk.choices]

    assert "".join(said) == "Grüße 🌍"


async def test_models_are_listed(client: openai.AsyncOpenAI) -> None:
    assert [model.id async for model in client.models.list()] == ["scripted"]
