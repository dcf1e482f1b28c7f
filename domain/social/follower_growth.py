"""How somebody's followers grew between two days: totals always, names as far as they can be held."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.errors import InvalidInput
from domain.social.follower_snapshots import FollowerDiff

DEFAULT_RANGE = timedelta(days=30)
RETENTION = timedelta(days=400)
MAX_READ_CHANGES = 10_000
"""So many who came and left are looked through for names."""
MAX_LISTED_CHANGES = 1_000
"""So many of each are named, the newest."""


@dataclass(frozen=True)
class GrowthPoint:
    """One day: the number of followers, and how many came and left since the day before that was taken."""

    day: date
    at: datetime
    followers_number: int
    gained: int
    lost: int


@dataclass(frozen=True)
class Growth:
    """From the end of one day to that of another. `base` is the last point up to `since`, `points` are those after."""

    since: date
    until: date
    base: GrowthPoint | None
    points: Sequence[GrowthPoint]

    @property
    def followers_before(self) -> int:
        """The number at the beginning; where nothing was taken yet, that of the first point."""
        first = self.base or next(iter(self.points), None)
        return first.followers_number if first else 0

    @property
    def followers_after(self) -> int:
        return self.points[-1].followers_number if self.points else self.followers_before

    @property
    def gained(self) -> int:
        return sum(point.gained for point in self.points)

    @property
    def lost(self) -> int:
        return sum(point.lost for point in self.points)

    @property
    def listed_since(self) -> date:
        """From the end of this day on there are no more changes than can be looked through."""
        changes = 0
        for point in reversed(self.points):
            changes += point.gained + point.lost
            if changes > MAX_READ_CHANGES:
                return point.day
        return self.since


def resolve_range(since: date | None, until: date | None, today: date) -> tuple[date, date]:
    """The two days, a month up to today unless said otherwise. Raises InvalidInput."""
    until = until or today
    if until > today:
        raise _invalid("to", "this day is yet to come")
    since = since or until - DEFAULT_RANGE
    if since > until:
        raise _invalid("from", "this is after the day in `to`")
    if until - since > RETENTION:
        raise _invalid("from", "no more than 400 days are kept")
    return since, until


def net_changes(differences: Iterable[FollowerDiff]) -> FollowerDiff:
    """Who is there and was not, and the other way round, newest first. Who came and left again is in neither."""
    came: dict[str, None] = {}
    left: dict[str, None] = {}
    for difference in differences:
        _move(difference.came, out_of=left, into=came)
        _move(difference.left, out_of=came, into=left)
    return FollowerDiff([*reversed(came)], [*reversed(left)])


def _move(ids: Iterable[str], *, out_of: dict[str, None], into: dict[str, None]) -> None:
    for user_id in ids:
        if user_id in out_of:
            del out_of[user_id]
        else:
            into[user_id] = None


def _invalid(name: str, message: str) -> InvalidInput:
    return InvalidInput(details=[{"field": f"query.{name}", "message": message}])
