"""Days of users' followers, stored as the nightly snapshot stores them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from adapters.resources import Resources
from domain.social.follower_snapshots import DailySnapshot, FollowerCounts, FollowerDiff, SnapshotWithIds


async def keep_day(
    resources: Resources,
    user_id: str,
    day: date,
    *,
    number: int = 0,
    came: Sequence[str] = (),
    left: Sequence[str] = (),
    full: Sequence[str] = (),
) -> None:
    """At 02:00 of that day the user had so many followers."""
    at = datetime(day.year, day.month, day.day, 2, tzinfo=UTC)
    counts = FollowerCounts(number, len(came), len(left))
    taken = DailySnapshot(user_id, day, at, counts, full_day=day, changes=0, fingerprint=b"")
    await resources.social.snapshots.write([SnapshotWithIds(taken, FollowerDiff(came, left), full)])
