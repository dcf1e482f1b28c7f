"""The HTTP side of a model: a request, its stream of server-sent events, and what each failure means."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import cast

import httpx
from httpx_sse import EventSource, ServerSentEvent, SSEError
from pydantic import BaseModel, ValidationError

from domain.assistant.language_models import (
    SLOT_TIMEOUT,
    ModelBusy,
    ModelFailed,
    ModelRefused,
    ModelUnusable,
    PromptTooLong,
    QuestionRefused,
)

CONNECT_TIMEOUT_SECONDS = 10.0
MAX_STREAM_BYTES = 32 * 1024 * 1024
"""Of what one answer may take on the wire."""
MAX_ERROR_BYTES = 64 * 1024
SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]+)?")
TRANSIENT = frozenset({408, 409, 425, 429})
NOT_OURS = frozenset({401, 403, 404})
"""A wrong key, no right, no such model: whatever is asked."""
TOO_LONG = ("context_length_exceeded", "exceed_context_size_error", "prompt is too long", "maximum context length")
REFUSALS = ("content_filter", "content_policy_violation")


class _Error(BaseModel):
    type: str | None = None
    code: str | int | None = None
    message: str = ""


class _ErrorBody(BaseModel):
    error: _Error


class Endpoint:
    """Where a model is asked. `most_at_once`: slots for questions that are under way; others wait."""

    def __init__(self, client: httpx.AsyncClient, url: str, headers: Mapping[str, str], most_at_once: int) -> None:
        self._client = client
        self._url = url
        self._headers = headers
        self._slots = asyncio.Semaphore(most_at_once)

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Hold a slot, in which one question may be asked. Raises ModelBusy if none becomes free in time."""
        try:
            async with asyncio.timeout(SLOT_TIMEOUT.total_seconds()):
                await self._slots.acquire()
        except TimeoutError:
            raise ModelBusy("busy", is_unread=True) from None
        try:
            yield
        finally:
            self._slots.release()

    async def ask(self, body: Mapping[str, object]) -> AsyncGenerator[ServerSentEvent, None]:
        """Yield the events of the answer as they come. Raises ModelFailed and its kinds, ModelRefused."""
        try:
            async with aclosing(self._stream(body)) as events:
                async for event in events:
                    yield event
        except httpx.ConnectError as error:
            raise ModelFailed(type(error).__name__, is_unread=True) from error
        except (httpx.HTTPError, httpx.StreamError, SSEError, UnicodeDecodeError) as error:
            raise ModelFailed(type(error).__name__) from error

    async def _stream(self, body: Mapping[str, object]) -> AsyncGenerator[ServerSentEvent, None]:
        response = await self._send(self._client.build_request("POST", self._url, json=body, headers=self._headers))
        async with aclosing(response):
            if response.status_code != httpx.codes.OK:
                raise await _failure(response)
            if "content-encoding" in response.headers:
                # What a few bytes unpack to has no bound.
                raise ModelFailed("compressed")
            response.stream = _Bounded(response, MAX_STREAM_BYTES)
            async for event in EventSource(response).aiter_sse():
                yield event

    async def _send(self, request: httpx.Request) -> httpx.Response:
        try:
            return await self._client.send(request, stream=True)
        except httpx.RemoteProtocolError:
            # A kept connection that its server has closed: llama.cpp does so after each answer, without saying so.
            return await self._client.send(request, stream=True)


class _Bounded(httpx.AsyncByteStream):
    """The body of a response, up to a size. A line without an end would fill the memory."""

    def __init__(self, response: httpx.Response, max_bytes: int) -> None:
        self._stream = cast(httpx.AsyncByteStream, response.stream)
        self._left = max_bytes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            self._left -= len(chunk)
            if self._left < 0:
                raise ModelFailed("endless")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


def open_client() -> httpx.AsyncClient:
    """Return a client for all models. Who reads an answer has shorter limits than HTTP has, but for connecting."""
    timeout = httpx.Timeout(None, connect=CONNECT_TIMEOUT_SECONDS)
    headers = {"accept-encoding": "identity"}
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
    return httpx.AsyncClient(timeout=timeout, headers=headers, limits=limits)


def failure_of(
    status: int, body: bytes | str, retry_after: timedelta | None = None, *, is_unread: bool = False
) -> ModelFailed | ModelRefused:
    """Return what an answer with this status and body means. `is_unread`: it came in place of one, not amid one."""
    error = _error_of(body)
    words = f"{error.type} {error.code} {error.message}"
    if any(each in words for each in REFUSALS):
        return ModelRefused()
    if any(each in words for each in TOO_LONG):
        return PromptTooLong(str(status), is_unread=is_unread)
    if status in TRANSIENT or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return ModelFailed(str(status), retry_after, is_unread=is_unread)
    kind = ModelUnusable if status in NOT_OURS else QuestionRefused
    return kind(str(status), is_unread=is_unread)


async def _failure(response: httpx.Response) -> ModelFailed | ModelRefused:
    response.stream = _Bounded(response, MAX_ERROR_BYTES)
    body = b"" if "content-encoding" in response.headers else await response.aread()
    retry_after = _retry_after(response.headers.get("retry-after"))
    return failure_of(response.status_code, body, retry_after, is_unread=True)


def _error_of(body: bytes | str) -> _Error:
    try:
        return _ErrorBody.model_validate_json(body).error
    except ValidationError:
        return _Error()


def _retry_after(value: str | None) -> timedelta | None:
    """Return the time of the header (RFC 9110 §10.2.3: seconds, or a date); None for none that can be read."""
    if not value:
        return None
    return timedelta(seconds=float(value)) if SECONDS.fullmatch(value) else _until(value)


def _until(date: str) -> timedelta | None:
    try:
        at = parsedate_to_datetime(date)
    except (ValueError, OverflowError):
        return None
    return max(at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC), timedelta())
