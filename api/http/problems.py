"""Error responses in the contract: the envelope of an error, with the names that a route can give at each status."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Annotated, Any

from pydantic import Field, WithJsonSchema, create_model

from api.http.contract_document import header_ref
from api.schemas.envelope import Problem, View
from domain.auth.errors import KeyNotAllowed, ScopeMissing, SessionExpired, SessionRevoked
from domain.errors import (
    DecodeError,
    DependencyUnavailable,
    Forbidden,
    InvalidInput,
    NotAuthenticated,
    RateLimited,
    WrongCode,
)

TOKEN_ERRORS = (NotAuthenticated, SessionRevoked, SessionExpired)
"""Errors of an access token; `AccessToken` in the name of a schema."""
RIGHT_ERRORS = (Forbidden, ScopeMissing, KeyNotAllowed)
"""Errors of a missing right; `Right` in the name of a schema."""
CALLER_ERRORS = (*TOKEN_ERRORS, *RIGHT_ERRORS)
"""Errors of every route whose permit names a permission."""

Responses = dict[int | str, dict[str, Any]]
"""OpenAPI description of a route's responses, by status."""


class InvalidField(View):
    """A part of the request that was refused: `field` is its place, as in `body.username`."""

    field: str
    message: str


class AttemptsLeft(View):
    """How many more codes may be tried."""

    attempts_left: int


DETAILS: Mapping[type[DecodeError], Any] = {InvalidInput: list[InvalidField], WrongCode: AttemptsLeft}
"""What `details` holds. Other errors have none."""
MAY_BE_REPEATED = (RateLimited.status, DependencyUnavailable.status)
"""Statuses whose responses can have `Retry-After`."""


def describe_errors(errors: Iterable[type[DecodeError]]) -> Responses:
    """Return the description of the responses with these errors. A status has one response, whatever its errors."""
    by_status: dict[int, list[type[DecodeError]]] = defaultdict(list)
    for error in dict.fromkeys(errors):
        by_status[error.status].append(error)
    return {status: _response(group) for status, group in by_status.items()}


def _response(errors: list[type[DecodeError]]) -> dict[str, Any]:
    names = ", ".join(f"`{error.__name__}`" for error in errors)
    described = {"model": _schema(frozenset(errors)), "description": names}
    headers = _headers(errors)
    return described | {"headers": headers} if headers else described


def _headers(errors: list[type[DecodeError]]) -> dict[str, Any]:
    names = ["Retry-After"] if errors[0].status in MAY_BE_REPEATED else []
    if NotAuthenticated in errors:
        names.append("WWW-Authenticate")
    return {name: header_ref(name) for name in names}


@cache
def _schema(errors: frozenset[type[DecodeError]]) -> type[Problem]:
    """Return the schema of a response that is one of `errors`. Equal sets share it."""
    named = sorted(errors, key=lambda error: error.__name__)
    details: Any = next((DETAILS[error] for error in named if error in DETAILS), None)
    names = {"type": "string", "enum": [error.__name__ for error in named]}
    return create_model(
        f"{'Or'.join(_short_names(errors))}Problem",
        __base__=Problem,
        __doc__="\n".join(f"- `{error.__name__}`: {error.message}" for error in named),
        success=(bool, ...),
        error=(Annotated[str, WithJsonSchema(names)], ...),
        details=(details, Field(default_factory=details)) if details else (None, Field(default=None, exclude=True)),
    )


def _short_names(errors: frozenset[type[DecodeError]]) -> list[str]:
    if errors.issuperset(TOKEN_ERRORS):
        return sorted(["AccessToken", *_short_names(errors.difference(TOKEN_ERRORS))])
    if errors.issuperset(RIGHT_ERRORS):
        return sorted(["Right", *_short_names(errors.difference(RIGHT_ERRORS))])
    return sorted(error.__name__ for error in errors)
