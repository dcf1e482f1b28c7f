"""Pages of long lists: newest first, and a cursor that names the last row of the page before."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from domain.errors import InvalidInput

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
MAX_OFFSET = 10_000
"""Rows that may be skipped; deeper pages are reached with the cursor."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

Row = TypeVar("Row")

_NUMBER = re.compile(r"[0-9]{1,15}")
_CURSOR = re.compile(r"([0-9]{1,14})-([0-9a-f]{24})")


@dataclass(frozen=True)
class Cursor:
    """The row after which a page begins; the id breaks ties."""

    at: datetime
    row_id: str


@dataclass(frozen=True)
class PageRequest:
    """Which rows of a list: so many after the first `skip`, or after the cursor."""

    limit: int
    skip: int = 0
    after: Cursor | None = None


@dataclass(frozen=True)
class Page(Generic[Row]):
    """`total` counts all there is; with `is_capped` all that was looked at, and there is more."""

    rows: Sequence[Row]
    total: int
    next_cursor: str | None
    is_capped: bool = False


def format_cursor(cursor: Cursor) -> str:
    return f"{to_milliseconds(cursor.at)}-{cursor.row_id}"


def to_milliseconds(moment: datetime) -> int:
    """Since 1970."""
    return (moment - EPOCH) // MILLISECOND


def from_milliseconds(milliseconds: int) -> datetime:
    return EPOCH + milliseconds * MILLISECOND


def parse_cursor(text: str) -> Cursor:
    """Raises InvalidInput for what no page has given out."""
    match = match_cursor(_CURSOR, text)
    return Cursor(from_milliseconds(int(match[1])), match[2])


def parse_number_cursor(text: str) -> int:
    """The cursor of a list whose rows are numbered. Raises InvalidInput for what no page has given out."""
    return int(match_cursor(_NUMBER, text)[0])


def match_cursor(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    """The parts of a cursor that is written like this. Raises InvalidInput for what no page has given out."""
    match = pattern.fullmatch(text)
    if match is None:
        raise InvalidInput(details=[{"field": "query.cursor", "message": "this is no cursor of ours"}])
    return match
