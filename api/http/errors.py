"""Turns every error into the error envelope. The only place that maps errors to HTTP."""

import logging
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Match

from adapters.causes import request_id
from adapters.failures import classify_failure
from api.access.callers import Bearer
from api.access.request_limits import limits_of
from api.http.outages import logged_unless_away
from api.http.problems import CALLER_ERRORS as CALLER_ERRORS
from api.http.problems import TOKEN_ERRORS as TOKEN_ERRORS
from api.http.problems import Responses, describe_errors
from api.schemas.envelope import Problem
from domain.auth.errors import (
    AccountThrottled,
    DeviceNotTrusted,
    InvalidCredentials,
    SecondFactorRequired,
    StepUpRequired,
)
from domain.errors import (
    AttemptsExhausted,
    BodyTooLarge,
    DecodeError,
    DependencyUnavailable,
    FlowClosed,
    FlowExpired,
    FlowNotFound,
    Forbidden,
    IdempotencyKeyReused,
    InternalError,
    InvalidInput,
    MethodNotAllowed,
    NotAuthenticated,
    NotFound,
    Overloaded,
    RateLimited,
    UnsupportedMediaType,
    WrongCode,
)
from domain.moments import format_timestamp

DEVICE_ERRORS = (*CALLER_ERRORS, DeviceNotTrusted)
GUARDED_ERRORS = (*DEVICE_ERRORS, Forbidden, StepUpRequired)
"""Errors of a route whose permit asks for a step-up of the session."""
FLOW_ERRORS = (FlowNotFound, FlowExpired, FlowClosed, AttemptsExhausted, IdempotencyKeyReused)
STEP_UP_ERRORS = (StepUpRequired, SecondFactorRequired, InvalidCredentials, WrongCode, AccountThrottled)
PROVED_ERRORS = (*DEVICE_ERRORS, Forbidden, *STEP_UP_ERRORS, Overloaded)
"""Errors of a route that takes proofs of a step-up in its body, besides those of the session."""

RETRY_AFTER_SECONDS = 2
COUNTED_ITEMS = re.compile(r"item(s?) after validation")
UNREADABLE_JSON = [{"field": "body", "message": "this cannot be read as JSON"}]

logger = logging.getLogger("decode.api")


def error_response(error: DecodeError, path: str) -> Response:
    """Return the response for an error, with Retry-After where the error has it. `path`: of the request."""
    body = Problem(
        status_code=error.status,
        message=error.message,
        error=type(error).__name__,
        details=error.details,
        timestamp=format_timestamp(datetime.now(UTC)),
        path=path,
        request_id=request_id.get() or "",
    )
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    if isinstance(error, NotAuthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    content = body.model_dump_json(exclude={"details"} if error.details is None else None)
    return Response(content, error.status, headers, media_type="application/json")


def to_refusal(error: Exception) -> DecodeError:
    """Log an unexpected error and return the client's: DependencyUnavailable or InternalError, without its text."""
    failure = classify_failure(error)
    if failure and failure.is_transient:
        logger.warning("dependency away", extra={"dependency": failure.dependency.value, "error": type(error).__name__})
        return DependencyUnavailable(retry_after=RETRY_AFTER_SECONDS)
    logger.error("unexpected error", exc_info=error)
    return InternalError()


def install_error_handlers(app: FastAPI) -> None:
    """Register the handlers. Errors raised outside of them are caught by the middleware (`last_response`)."""
    app.add_exception_handler(DecodeError, _handle_refusal)
    app.add_exception_handler(RequestValidationError, _handle_invalid)
    app.add_exception_handler(HTTPException, _handle_http_error)


async def _handle_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, DecodeError)  # noqa: S101 - registered for this class alone
    return await counted_response(error, request)


async def _handle_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class alone
    faults = error.errors()
    refusal = InvalidInput(details=[{"field": _field(item["loc"]), "message": _sentence(item)} for item in faults])
    if faults[0]["type"] == "json_invalid":
        return await _authenticate_first(refusal, request)
    return await counted_response(refusal, request)


async def _handle_http_error(request: Request, error: Exception) -> Response:
    """Handle the framework's own errors: unknown route, wrong method, a body that is too large or not JSON."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class alone
    if error.status_code == HTTPStatus.BAD_REQUEST:
        return await _authenticate_first(InvalidInput(details=UNREADABLE_JSON), request)
    known: dict[int, type[DecodeError]] = {error.status: error for error in (NotFound, MethodNotAllowed, BodyTooLarge)}
    response = await counted_response(known.get(error.status_code, InternalError)(), request)
    if error.status_code == MethodNotAllowed.status:
        response.headers["Allow"] = _allowed_methods(request)
    return response


def _allowed_methods(request: Request) -> str:
    """Return the methods of all routes with this path; the framework names only those of the first match.

    `iter_route_contexts` is the framework's public way to its routes since 0.137.2.
    """
    routes = iter_route_contexts(request.app.routes)
    matching = [route.methods or () for route in routes if route.matches(request.scope)[0] is not Match.NONE]
    return ", ".join(sorted({method for methods in matching for method in methods}))


async def _authenticate_first(refusal: DecodeError, request: Request) -> Response:
    """Return the response to an unreadable body, or to the failed access check. The framework reads the body before it
    authenticates; a caller without access must not learn the expected body from that, so access is checked here first.
    """
    try:
        await _check_access(request)
    except DecodeError as earlier:
        refusal = earlier
    return await counted_response(refusal, request)


async def _check_access(request: Request) -> None:
    """Check limit, permit and caller as the route declares them. Raises their errors.

    `dependant` is an undocumented part of the framework. If removed, the test with "cannot be read" in its name in
    tests/api/test_authorization.py fails for every route; then store these checks on the routes.
    """
    route = request.scope["route"]
    bearers = [each.call for each in route.dependant.dependencies if isinstance(each.call, Bearer)]
    with suppress(ClientDisconnect):  # a limit may read the body of a client that has disconnected
        for check in [*(each.dependency for each in route.dependencies), *bearers]:
            await check(request)


async def counted_response(refusal: DecodeError, request: Request) -> Response:
    """Return the response to an error. What no limit has counted is counted for the client's network, our own failures
    included, since they cost as much work; past that limit the response is RateLimited.
    """
    try:
        await limits_of(request).enforce_default()
    except RateLimited as limited:
        refusal = limited
    return error_response(refusal, request.url.path)


async def last_response(error: Exception, request: Request) -> Response:
    """Return the response to an error that no handler took, counted unless counting fails as well."""
    refusal = error if isinstance(error, DecodeError) else to_refusal(error)
    with logged_unless_away("an error could not be counted", to=logger):
        return await counted_response(refusal, request)
    return error_response(refusal, request.url.path)


def _field(location: Sequence[str | int]) -> str:
    return ".".join(map(str, location))


def _sentence(item: dict[str, Any]) -> str:
    sentence = str(item["msg"]).removeprefix("Value error, ")
    # Pydantic counts "items" of a text that a validator has returned.
    return COUNTED_ITEMS.sub(r"character\1", sentence) if isinstance(item.get("input"), str) else sentence


def error_responses(*errors: type[DecodeError], has_body: bool = False, is_limited: bool = True) -> Responses:
    """Return `responses=` of a route: the errors it can return, by status, for docs/openapi.json.

    Invalid input, an unavailable dependency and an internal error are added everywhere, errors of the body with
    `has_body`, RateLimited with `is_limited`.
    """
    bodies = (BodyTooLarge, UnsupportedMediaType) if has_body else ()
    limits = (RateLimited,) if is_limited else ()
    return describe_errors((*errors, *limits, InvalidInput, DependencyUnavailable, InternalError, *bodies))
