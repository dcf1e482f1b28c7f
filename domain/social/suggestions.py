"""Suggestions: how many people are asked for whom, how long an answer lasts, and why somebody is suggested."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from domain.paging import DEEPEST, match_cursor
from domain.social.relationships import Face, Ties

FRIENDS = 500
"""So many of those whom the caller follows are asked, the newest: who follows a million is served like anybody."""
HUB = 1_000
"""Who follows more people than this is not asked: their choice says nothing."""
EACH = 100
"""So many names are taken from each who is asked, and so many people who like one thing."""
KNOWN = 10_000
"""So many of those whom the caller follows are left out from the beginning; the others when they come up."""
WEIGHED = 2_000
"""The closest so many are weighed against the number of their followers."""
KEPT = 200
"""So many suggestions make a run."""
RUN_LIFE = timedelta(minutes=15)
DISMISSED_FOR = timedelta(days=90)

_POSITION = re.compile(r"[0-9]{1,5}")


@dataclass(frozen=True)
class Suggested:
    user_id: str
    score: float


@dataclass(frozen=True)
class Run:
    """Suggestions in their order, as they stood for a `version` of the caller's ties."""

    version: str
    people: Sequence[Suggested]


@dataclass(frozen=True)
class Stretch:
    """Positions of a run from `start` to before `end`, `limit` people at most."""

    start: int
    end: int
    limit: int


@dataclass(frozen=True)
class Suggestion:
    """`shared_number`: interests that both have."""

    position: int
    score: float
    face: Face
    ties: Ties
    shared_number: int


@dataclass(frozen=True)
class Suggestions:
    """What of a run still stands: `positions` of all of it, and the people of one stretch. `version` is that of now."""

    version: str
    positions: Sequence[int]
    people: Sequence[Suggestion]


def page_stretch(*, page: int, limit: int) -> Stretch:
    """The page of this number: always the same part of a run, whoever of it falls away."""
    return Stretch(page * limit, (page + 1) * limit, limit)


def cursor_stretch(cursor: str, *, limit: int) -> Stretch:
    """The page after a cursor: as many as stand from there. Raises InvalidInput for what no page has given out."""
    return Stretch(int(match_cursor(_POSITION, cursor)[0]), DEEPEST, limit)


def next_position(found: Suggestions, stretch: Stretch) -> int | None:
    """Where the next page begins; None when nobody is left."""
    is_full = len(found.people) == stretch.limit
    reached = found.people[-1].position + 1 if is_full else stretch.end
    return reached if any(position >= reached for position in found.positions) else None


def reason_of(suggestion: Suggestion) -> str | None:
    """Why this is suggested, for a person to read; None when the reason has gone since the run was made."""
    reasons = []
    if suggestion.ties.mutual_followers_number:
        reasons.append(f"followed by {suggestion.ties.mutual_followers_number} whom you follow")
    if suggestion.shared_number:
        reasons.append(f"shares {suggestion.shared_number} of your interests")
    return " and ".join(reasons).capitalize() or None
