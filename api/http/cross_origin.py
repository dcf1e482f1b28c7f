"""Which pages of other origins may call the API (CORS): those that DECODE_CORS_ORIGINS lists."""

from fastapi.middleware.cors import CORSMiddleware
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
REQUEST_HEADERS = ("Authorization", "Content-Type", "Idempotency-Key", "X-Request-ID", "X-Fingerprint-Hash")
TRACE_HEADERS = ("traceparent", "tracestate", "baggage")
"""What tracing in a browser adds to each request (W3C Trace Context and Baggage); nothing of ours reads it."""


class CrossOriginMiddleware(CORSMiddleware):
    """The framework's, except that a refused preflight is an OPTIONS request like any other: 405, with the error
    envelope and a request id. A browser takes no other status than a success for consent.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._is_refused_preflight(scope):
            await self.simple_response(scope, receive, send, request_headers=Headers(scope=scope))
        else:
            await super().__call__(scope, receive, send)

    def _is_refused_preflight(self, scope: Scope) -> bool:
        if scope["method"] != "OPTIONS":
            return False
        headers = Headers(scope=scope)
        if not {"origin", "access-control-request-method"} <= {*headers}:
            return False
        return self.preflight_response(headers).status_code != 200
