"""Servers that answer as no provider does, and one that leaves without a word."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from adapters.ai import endpoint
from adapters.ai.endpoint import Endpoint, failure_of, open_client
from adapters.ai.http_model import HttpModel
from adapters.ai.openai_wire import OPENAI
from adapters.ai.wire import WireModel
from domain.assistant.conversation import Message, Prompt
from domain.assistant.history import MessageRole
from domain.assistant.language_models import ModelFailed, ModelRefused
from tests.support.scripted_model import SCRIPTED

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
BUSY = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n"
STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"


@asynccontextmanager
async def model_served_by(serve: Serve) -> AsyncIterator[HttpModel]:
    async with await asyncio.start_server(serve, "127.0.0.1") as server, open_client() as client:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield HttpModel(WireModel(SCRIPTED, "wired"), OPENAI, Endpoint(client, url, {}, most_at_once=1))


async def take_request(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]))


async def ask(model: HttpModel) -> None:
    """Raise what the model fails by."""
    async with asyncio.timeout(15):
        async for _ in model.answer(Prompt([Message(MessageRole.USER, "hello?")])):
            pass


def test_refusal_of_a_content_filter_is_no_failure() -> None:
    assert isinstance(failure_of(400, '{"error": {"code": "content_filter"}}'), ModelRefused)


def test_page_of_a_proxy_in_place_of_an_answer_is_a_failure() -> None:
    failure = failure_of(502, b"<html>Bad Gateway</html>")

    assert (type(failure), str(failure)) == (ModelFailed, "502")


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        pytest.param(b"content-encoding: gzip\r\n\r\n" + gzip.compress(b"a"), "compressed", id="compressed"),
        pytest.param(b"\r\n" + b"a" * 2_000, "endless", id="line without end"),
        pytest.param(b"\r\n", "broke off", id="no end"),
    ],
)
async def test_stream_that_no_provider_sends_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, answer: bytes, failure: str
) -> None:
    """What is compressed may unpack to any size."""
    monkeypatch.setattr(endpoint, "MAX_STREAM_BYTES", 1_000)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await take_request(reader)
        writer.write(STREAM + answer)
        writer.close()

    async with model_served_by(serve) as model:
        with pytest.raises(ModelFailed, match=failure):
            await ask(model)


async def test_question_on_a_connection_that_its_server_has_closed_is_asked_on_another() -> None:
    """llama.cpp closes each connection after an answer."""
    connections = list[asyncio.StreamWriter]()

    async def serve_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        await take_request(reader)
        writer.write(BUSY)
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async with model_served_by(serve_once) as model:
        for _ in range(2):
            with pytest.raises(ModelFailed, match="503"):
                await ask(model)
        connections[-1].close()

    assert len(connections) == 2
