"""Growth of a user's followers between two days: totals always, names within limits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.errors import InvalidInput
from domain.social.follower_snapshots import FollowerDiff

DEFAULT_RANGE = timedelta(days=30)
RETENTION = timedelta(days=400)
NOT_KEPT = f"only the last {RETENTION.days} days are kept"
MAX_READ_CHANGES = 10_000
"""Maximum of gained and lost followers that are read for their names."""
MAX_LISTED_CHANGES = 1_000
"""Maximum of listed names, of gained and of lost followers each; the newest."""


@dataclass(frozen=True)
class GrowthPoint:
    """One day: the number of followers, and how many were gained and lost since the previous snapshot."""

    day: date
    at: datetime
    followers_number: int
    gained: int
    lost: int


@dataclass(frozen=True)
class Growth:
    """From the end of `since` to the end of `until`. `base` is the last point up to `since`, `points` those after."""

    since: date
    until: date
    base: GrowthPoint | None
    points: Sequence[GrowthPoint]

    @property
    def followers_before(self) -> int:
        """Followers at the beginning; that of the first point when there is no `base`, 0 without any point."""
        first = self.base or next(iter(self.points), None)
        return first.followers_number if first else 0

    @property
    def followers_after(self) -> int:
        """Followers at the end: those of the last point."""
        return self.points[-1].followers_number if self.points else self.followers_before

    @property
    def gained(self) -> int:
        """Followers gained, summed over all points."""
        return sum(point.gained for point in self.points)

    @property
    def lost(self) -> int:
        """Followers lost, summed over all points."""
        return sum(point.lost for point in self.points)

    @property
    def listed_since(self) -> date:
        """The day from whose end on there are at most MAX_READ_CHANGES changes."""
        changes = 0
        for point in reversed(self.points):
            changes += point.gained + point.lost
            if changes > MAX_READ_CHANGES:
                return point.day
        return self.since


def resolve_range(since: date | None, until: date | None, today: date) -> tuple[date, date]:
    """Return the two days; by default the 30 days up to today. A later `until` is today: east of Greenwich tomorrow
    begins before it does in UTC. Raises InvalidInput for a range that is not possible, or not kept any more.
    """
    oldest, until = today - RETENTION, min(until or today, today)
    if since is None and until < oldest:
        raise _invalid("to", NOT_KEPT)
    since = since or max(until - DEFAULT_RANGE, oldest)
    if since > until:
        raise _invalid("from", "this is after the day in `to`")
    if since < oldest:
        raise _invalid("from", NOT_KEPT)
    return since, until


def net_changes(differences: Iterable[FollowerDiff]) -> FollowerDiff:
    """Return the net gained and lost followers over all days, newest first. `differences` is in the order of days.

    A follower who was gained and lost again, or the reverse, is in neither.
    """
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
