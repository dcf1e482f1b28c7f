"""Searching the journal: what may be asked for, what is found, and what is recorded of the search itself."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.journal.entries import Entry
from domain.journal.occurrences import Fact, OccurrenceType
from domain.moments import format_timestamp
from domain.paging import Cursor, from_milliseconds, match_cursor

ANY_OF_NOUN = ".*"
"""The end of a type that stands for all types of its noun, as in `user.*`."""
NOT_A_USER = "other"
"""Stands in the record of a search for what was typed and is no user's id: it may be anything, a name too."""
PARTIES = ("actor", "subject")

_CURSOR = re.compile(r"([0-9]{1,14})-([0-9]{1,15})")
_USER_ID = re.compile(r"[0-9a-f]{24}")

Words = Mapping[str, Fact]


@dataclass(frozen=True)
class AuditFilter:
    """What entries must have; None asks for nothing. `type`: one that `find_types` knows. The times: aware, UTC;
    entries of `since` are in, those of `until` are not.
    """

    actor: str | None = None
    subject: str | None = None
    type: str | None = None
    request_id: str | None = None
    cause: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class AuditEntry:
    """An entry as it is read. Words are empty where it has none, None where the reader has no key to them: they are
    about others, or erased.
    """

    entry: Entry
    actor_words: Words | None
    subject_words: Words | None


@dataclass(frozen=True)
class AuditPage:
    """Entries, newest first. They are not counted: that would take longer the longer the journal is."""

    entries: Sequence[AuditEntry]
    next_cursor: str | None


def find_types(typed: str) -> Sequence[OccurrenceType]:
    """Return the type with this name, or for `user.*` all types of that noun, by which an index can be read. Empty if
    there is none.
    """
    if typed.endswith(ANY_OF_NOUN):
        prefix = typed.removesuffix("*")
        return [known for known in OccurrenceType if known.startswith(prefix)]
    return [known for known in OccurrenceType if known == typed]


def parse_entry_cursor(text: str) -> Cursor:
    """Parse a cursor, `<ms since 1970>-<number of the entry>`. Raises InvalidInput for any other text."""
    match = match_cursor(_CURSOR, text)
    return Cursor(from_milliseconds(int(match[1])), match[2])


def asked_for(filter: AuditFilter) -> Mapping[str, str]:
    """Return what the filter asks for, by the names that clients use."""
    asked = {
        "actor": filter.actor,
        "subject": filter.subject,
        "type": filter.type,
        "request_id": filter.request_id,
        "cause": filter.cause,
        "from": format_timestamp(filter.since) if filter.since else None,
        "to": format_timestamp(filter.until) if filter.until else None,
    }
    return {name: value for name, value in asked.items() if value is not None}


def describe_filter(filter: AuditFilter) -> Mapping[str, Fact]:
    """Return the public facts about a search by this filter: what was asked for, and nothing personal."""
    return {name: _impersonal(name, value) for name, value in asked_for(filter).items()}


def _impersonal(name: str, value: str) -> str:
    return value if name not in PARTIES or _USER_ID.fullmatch(value) else NOT_A_USER
