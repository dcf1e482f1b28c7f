"""Suggestions: how many people are asked for whom, how long an answer lasts, and why somebody is suggested."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from domain.paging import MAX_OFFSET, match_cursor
from domain.social.relationships import PersonSummary, RelationCounts

MAX_FRIENDS = 500
"""So many of those whom the caller follows are asked, the newest: who follows a million is served like anybody."""
MAX_SOURCE_DEGREE = 1_000
"""Who follows more people than this is not asked: their choice says nothing."""
MAX_PER_SOURCE = 100
"""So many names are taken from each who is asked, and so many people who like one thing."""
MAX_EXCLUDED = 10_000
"""So many of those whom the caller follows are left out from the beginning; the others when they come up."""
MAX_SCORED = 2_000
"""The closest so many are weighed against the number of their followers."""
MAX_RESULTS = 200
"""So many suggestions make a run."""
LIST_TTL = timedelta(minutes=15)
DISMISSAL_TTL = timedelta(days=90)

_POSITION = re.compile(r"[0-9]{1,5}")


@dataclass(frozen=True)
class ScoredUser:
    user_id: str
    score: float


@dataclass(frozen=True)
class SuggestionList:
    """Suggestions in their order, as they stood for a `version` of the caller's ties."""

    version: str
    people: Sequence[ScoredUser]


@dataclass(frozen=True)
class Slice:
    """Positions of a run from `start` to before `end`, `limit` people at most."""

    start: int
    end: int
    limit: int


@dataclass(frozen=True)
class Suggestion:
    """`shared_number`: interests that both have."""

    position: int
    score: float
    person: PersonSummary
    relations: RelationCounts
    shared_number: int


@dataclass(frozen=True)
class SuggestionSlice:
    """What of a run still stands: `positions` of all of it, and the people of one stretch. `version` is that of now."""

    version: str
    positions: Sequence[int]
    people: Sequence[Suggestion]


def page_slice(*, page: int, limit: int) -> Slice:
    """The page of this number: always the same part of a run, whoever of it falls away."""
    return Slice(page * limit, (page + 1) * limit, limit)


def cursor_slice(cursor: str, *, limit: int) -> Slice:
    """The page after a cursor: as many as stand from there. Raises InvalidInput for what no page has given out."""
    return Slice(int(match_cursor(_POSITION, cursor)[0]), MAX_OFFSET, limit)


def next_position(found: SuggestionSlice, wanted_slice: Slice) -> int | None:
    """Where the next page begins; None when nobody is left."""
    is_full = len(found.people) == wanted_slice.limit
    reached = found.people[-1].position + 1 if is_full else wanted_slice.end
    return reached if any(position >= reached for position in found.positions) else None


def explain_suggestion(suggestion: Suggestion) -> str | None:
    """Why this is suggested, for a person to read; None when the reason has gone since the run was made."""
    reasons = []
    if suggestion.relations.mutual_followers_number:
        reasons.append(f"followed by {suggestion.relations.mutual_followers_number} whom you follow")
    if suggestion.shared_number:
        reasons.append(f"shares {suggestion.shared_number} of your interests")
    return " and ".join(reasons).capitalize() or None
