"""One call of the API: what is sent, and how its answers are read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Generic, Protocol, TypeVar
from urllib.parse import quote

import httpx
from pydantic import TypeAdapter

Query = Mapping[str, str | int | bool | date | None]
Answer = TypeVar("Answer", covariant=True)
Kind = TypeVar("Kind")

REPEATABLE = {"GET", "HEAD", "PUT", "DELETE"}
REFRESH = "/auth/session/refresh"
"""A session token that was exchanged already, and whose answer was lost, is answered with the same successor."""

segment = partial(quote, safe="")
"""Quotes a value for a path."""


@dataclass(frozen=True)
class Call(Generic[Answer]):
    """A call of one operation. `readers`: how its successes are read, by status."""

    method: str
    path: str
    readers: Mapping[int, Callable[[httpx.Response], Answer]]
    query: Query = field(default_factory=dict)
    body: object = None
    is_signed: bool = False
    is_keyed: bool = False

    @property
    def is_repeatable(self) -> bool:
        """Whether it has one effect, however often it is sent (RFC 9110 section 9.2.2, and our Idempotency-Key)."""
        return self.is_keyed or self.method in REPEATABLE or self.path == REFRESH


class Caller(Protocol):
    """What the generated operations need."""

    async def answer(self, call: Call[Answer]) -> Answer:
        """Make the call. Raises DecodeError for a refusal, httpx.TransportError without an answer."""


def data(kind: type[Kind]) -> Callable[[httpx.Response], Kind]:
    """Read what the envelope carries."""

    def read(response: httpx.Response) -> Kind:
        return TypeAdapter(kind).validate_python(response.json()["data"])

    return read


def whole(kind: type[Kind]) -> Callable[[httpx.Response], Kind]:
    """Read JSON that has no envelope."""

    def read(response: httpx.Response) -> Kind:
        return TypeAdapter(kind).validate_python(response.json())

    return read


def text(response: httpx.Response) -> str:
    """Read text, such as a picture in SVG."""
    return response.text
