"""Follow suggestions: the bounds of their computation, their lifetime, their pages and their reasons."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from domain.paging import MAX_OFFSET, match_cursor
from domain.social.relationships import PersonSummary, RelationCounts

MAX_FRIENDS = 500
"""Sources: the newest users the caller follows. It bounds the cost for a caller who follows a million."""
MAX_SOURCE_DEGREE = 1_000
"""A user who follows more than this is no source: their follows are not significant."""
MAX_PER_SOURCE = 100
"""Maximum of candidates from each source and from each interest."""
MAX_EXCLUDED = 10_000
"""Followees of the caller that are excluded before scoring; any others are excluded afterwards."""
MAX_SCORED = 2_000
"""Maximum of candidates, the closest, that are scored by their number of followers."""
MAX_RESULTS = 200
"""Maximum of suggestions in a list."""
LIST_TTL = timedelta(minutes=15)
DISMISSAL_TTL = timedelta(days=90)

_POSITION = re.compile(r"[0-9]{1,5}")


@dataclass(frozen=True)
class ScoredUser:
    """A suggested user with a score; higher is better."""

    user_id: str
    score: float


@dataclass(frozen=True)
class SuggestionList:
    """Suggestions, best first, computed for a `version` of the caller's relations."""

    version: str
    people: Sequence[ScoredUser]


@dataclass(frozen=True)
class Slice:
    """Positions of a list from `start` up to but not including `end`, at most `limit` users."""

    start: int
    end: int
    limit: int


@dataclass(frozen=True)
class Suggestion:
    """A suggested user as shown to the caller. `position`: in the list, from 0. `shared_number`: shared interests."""

    position: int
    score: float
    person: PersonSummary
    relations: RelationCounts
    shared_number: int


@dataclass(frozen=True)
class SuggestionSlice:
    """A slice of a list. `positions`: all positions of the list that are still valid; `people`: the users of the slice;
    `version`: the current version of the caller's relations.
    """

    version: str
    positions: Sequence[int]
    people: Sequence[Suggestion]


def page_slice(*, page: int, limit: int) -> Slice:
    """Return the slice of a page, from 0: always the same positions, even when users have dropped out."""
    return Slice(page * limit, (page + 1) * limit, limit)


def cursor_slice(cursor: str, *, limit: int) -> Slice:
    """Return the slice from a cursor's position: the next `limit` valid users. Raises InvalidInput for other text."""
    return Slice(int(match_cursor(_POSITION, cursor)[0]), MAX_OFFSET, limit)


def next_position(suggestions: SuggestionSlice, wanted_slice: Slice) -> int | None:
    """Return the position at which the next page begins; None when no valid position is left."""
    is_full = len(suggestions.people) == wanted_slice.limit
    reached = suggestions.people[-1].position + 1 if is_full else wanted_slice.end
    return reached if any(position >= reached for position in suggestions.positions) else None


def explain_suggestion(suggestion: Suggestion) -> str | None:
    """Return the reason as text for the user; None when it no longer holds since the list was computed."""
    reasons = []
    if suggestion.relations.mutual_followers_number:
        reasons.append(f"followed by {suggestion.relations.mutual_followers_number} whom you follow")
    if suggestion.shared_number:
        reasons.append(f"shares {suggestion.shared_number} of your interests")
    return " and ".join(reasons).capitalize() or None
