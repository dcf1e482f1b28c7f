"""Pages of long lists, newest first. A cursor names the last row of the previous page."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from domain.errors import InvalidInput

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
MAX_OFFSET = 10_000
"""Maximum of skipped rows; deeper pages need the cursor."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

Row = TypeVar("Row")

_NUMBER = re.compile(r"[0-9]{1,15}")
_CURSOR = re.compile(r"([0-9]{1,14})-([0-9a-f]{24})")


@dataclass(frozen=True)
class Cursor:
    """The row after which a page begins: its time, and its id to break ties."""

    at: datetime
    row_id: str


@dataclass(frozen=True)
class PageRequest:
    """A requested page: up to `limit` rows after the first `skip`, or after the cursor when there is one."""

    limit: int
    skip: int = 0
    after: Cursor | None = None


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of a list. `total` counts all rows; with `is_capped` only the rows examined, and there are more."""

    rows: Sequence[Row]
    total: int
    next_cursor: str | None
    is_capped: bool = False


def format_cursor(cursor: Cursor) -> str:
    """Return the text of a cursor, `<ms since 1970>-<row id>`."""
    return f"{to_milliseconds(cursor.at)}-{cursor.row_id}"


def to_milliseconds(moment: datetime) -> int:
    """Return milliseconds since 1970 UTC, rounded down."""
    return (moment - EPOCH) // MILLISECOND


def from_milliseconds(milliseconds: int) -> datetime:
    """Return the UTC time of milliseconds since 1970."""
    return EPOCH + milliseconds * MILLISECOND


def parse_cursor(text: str) -> Cursor:
    """Parse the text of `format_cursor`. Raises InvalidInput for any other text."""
    match = match_cursor(_CURSOR, text.lower())
    return Cursor(from_milliseconds(int(match[1])), match[2])


def parse_number_cursor(text: str) -> int:
    """Parse the cursor of a list with numbered rows. Raises InvalidInput unless it has 1 to 15 digits."""
    return int(match_cursor(_NUMBER, text)[0])


def match_cursor(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    """Return the match of a whole cursor with its pattern. Raises InvalidInput when it does not match."""
    match = pattern.fullmatch(text)
    if match is None:
        raise InvalidInput(details=[{"field": "query.cursor", "message": "this is no cursor of ours"}])
    return match
