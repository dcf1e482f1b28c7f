"""Middleware of every request: request id, body limits, access log, response headers, last exception handler."""

import re
import secrets
import time
from collections.abc import Iterable, Iterator

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.causes import request_id
from api.access.key_usage import count_use_of_key
from api.access.request_limits import limit_headers
from api.http.access_log import AccessLog
from api.http.errors import last_response
from domain.errors import BodyTooLarge, UnsupportedMediaType

RawHeader = tuple[bytes, bytes]

MAX_BODY_BYTES = 64 * 1024
METHODS_WITH_BODY = ("POST", "PUT", "PATCH")
NO_CODING = [{"field": "header.content-encoding", "message": "send the body without a content coding"}]
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,128}")

SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"default-src 'self'"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)
HSTS = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")


class RequestMiddleware:
    """Pure ASGI middleware, without a task or a buffer per request."""

    def __init__(self, app: ASGIApp, access_log: AccessLog) -> None:
        self._app = app
        self._access_log = access_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        scope.setdefault("state", {})
        request_id.set(_request_id(scope))
        answer = _ResponseSender(scope, send)
        try:
            _check_body_headers(scope)
            await self._app(scope, _limit_body(receive), answer.send)
        except Exception as error:
            if answer.status:
                raise
            response = await last_response(error, Request(scope, receive))
            await response(scope, receive, answer.send)
        finally:
            answer.log(self._access_log)


class _ResponseSender:
    """Sends the response: adds headers to its start and keeps its status for the log (0 before it starts)."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._began = time.perf_counter()
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message["headers"], *self._own_headers(message["headers"])]
        await self._send(message)

    def _own_headers(self, given: Iterable[RawHeader]) -> Iterator[RawHeader]:
        """Yield the headers of every response, without those security headers that the route has set itself."""
        names = {name for name, _ in given}
        yield b"x-request-id", (request_id.get() or "").encode()
        yield from (header for header in SECURITY_HEADERS if header[0] not in names)
        yield from limit_headers(self._scope["state"])
        if self._scope["scheme"] == "https":
            yield HSTS

    def log(self, access_log: AccessLog) -> None:
        route = getattr(self._scope.get("route"), "path", None)
        seconds = time.perf_counter() - self._began
        access_log.add(method=self._scope["method"], route=route, status=self.status, seconds=seconds)
        count_use_of_key(self._scope, route, self.status)


def _request_id(scope: Scope) -> str:
    """Return the client's X-Request-ID if it is well-formed, else a new one: 32 random hex digits."""
    sent = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
    return sent.decode() if _REQUEST_ID.fullmatch(sent) else secrets.token_hex(16)


def _check_body_headers(scope: Scope) -> None:
    """Raise BodyTooLarge or UnsupportedMediaType from the headers, before the body is read."""
    if scope["method"] not in METHODS_WITH_BODY:
        return
    headers = Headers(scope=scope)
    length = headers.get("content-length", "0")
    if length.isdecimal() and int(length) > MAX_BODY_BYTES:
        raise BodyTooLarge
    if any(coding not in ("", "identity") for coding in _content_codings(headers)):
        raise UnsupportedMediaType(details=NO_CODING)
    has_body = length != "0" or "transfer-encoding" in headers
    if has_body and not _is_json(headers.get("content-type", "")):
        raise UnsupportedMediaType


def _content_codings(headers: Headers) -> list[str]:
    """Return the codings of the body in lower case (RFC 9110, section 8.4). Nothing here decodes one: a few bytes may
    become gigabytes.
    """
    return [coding.strip().lower() for line in headers.getlist("content-encoding") for coding in line.split(",")]


def _is_json(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == "application/json"


def _limit_body(receive: Receive) -> Receive:
    """Return a `receive` that counts the body, for bodies without Content-Length. It raises HTTPException, the only
    error that the framework passes on from here.
    """
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > MAX_BODY_BYTES:
            raise HTTPException(BodyTooLarge.status)
        return message

    return counted
