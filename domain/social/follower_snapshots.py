"""Daily snapshots of a user's followers: a count and the differences each day, the full list at intervals.

The list of a day is the last full list plus all differences since. Equal fingerprints mean that nothing has changed, so
that no earlier day has to be read.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta

FULL_SNAPSHOT_INTERVAL = timedelta(days=30)
MAX_CHANGES_SINCE_FULL = 100_000
"""Beyond this many changes since the full list a new one is due, which bounds the number of ids to read."""
MAX_IDS_PER_SLICE = 50_000
"""Maximum of ids of each kind in one document: about 3 MB of the 16 MB that MongoDB allows."""
ID_BYTES = 12
MIN_ID, MAX_ID = "0" * 24, "f" * 24
_ID = re.compile(r"[0-9a-f]{24}")


class UnreadableSnapshot(Exception):
    """A user's data is corrupt: an id, an edge, or the stored data of an earlier day."""


@dataclass(frozen=True)
class PreviousSnapshot:
    """The last snapshot, as needed for the next. `changes`: followers gained and lost since `full_day`."""

    day: date
    full_day: date
    followers_number: int
    changes: int
    fingerprint: bytes


@dataclass(frozen=True)
class FollowerDiff:
    """Ids of followers gained and lost since the last snapshot."""

    came: Sequence[str] = ()
    left: Sequence[str] = ()


@dataclass(frozen=True)
class FollowerCounts:
    """Number of followers, and how many were gained and lost since the last snapshot."""

    followers_number: int
    gained: int = 0
    lost: int = 0

    def __add__(self, other: "FollowerCounts") -> "FollowerCounts":
        number = self.followers_number + other.followers_number
        return FollowerCounts(number, self.gained + other.gained, self.lost + other.lost)


@dataclass(frozen=True)
class DailySnapshot:
    """A user's snapshot of one day, without ids. `full_day`: the day of the full list that `changes` counts from."""

    user_id: str
    day: date
    at: datetime
    counts: FollowerCounts
    full_day: date
    changes: int
    fingerprint: bytes


@dataclass(frozen=True)
class SnapshotWithIds:
    """A user's snapshot with its ids. `full` is the full list, on days that have one."""

    snapshot: DailySnapshot
    changed: FollowerDiff
    full: Sequence[str] = ()


@dataclass(frozen=True)
class IdRange:
    """Ids above `low`, up to and including `high`."""

    low: str = MIN_ID
    high: str = MAX_ID


@dataclass(frozen=True)
class SnapshotSlice:
    """The part of a large snapshot whose ids are in one range."""

    id_range: IdRange
    changed: FollowerDiff
    full: Sequence[str] = ()


@dataclass(frozen=True)
class FollowerList:
    """A full list in the order of ids, with its fingerprint."""

    ids: Sequence[str]
    fingerprint: bytes


@dataclass(frozen=True)
class SnapshotRun:
    """The snapshots of one day of a group of users. `previous`: their last snapshots by user id."""

    day: date
    at: datetime
    previous: Mapping[str, PreviousSnapshot]

    def is_full_due(self, user_id: str) -> bool:
        """Whether the full list is stored on this day."""
        last = self.previous.get(user_id)
        return (
            last is None or self.day - last.full_day >= FULL_SNAPSHOT_INTERVAL or last.changes > MAX_CHANGES_SINCE_FULL
        )

    def was_large(self, user_id: str) -> bool:
        """Whether the last list is too long to be held in memory together with others."""
        return user_id in self.previous and self.previous[user_id].followers_number > MAX_IDS_PER_SLICE

    def build_snapshot(self, user_id: str, counts: FollowerCounts, fingerprint: bytes) -> DailySnapshot:
        """Return the user's snapshot. With a full list due, `changes` starts again from 0.

        On the first day `counts` has no gained followers: it is not known since when they follow.
        """
        if self.is_full_due(user_id):
            return DailySnapshot(user_id, self.day, self.at, counts, self.day, 0, fingerprint)
        last = self.previous[user_id]
        changes = last.changes + counts.gained + counts.lost
        return DailySnapshot(user_id, self.day, self.at, counts, last.full_day, changes, fingerprint)


class Fingerprint:
    """Hash of a list of ids, added in order and in parts of any size."""

    def __init__(self, ids: Sequence[str] = ()) -> None:
        self._hash = hashlib.blake2b(digest_size=16)
        self.add(ids)

    def add(self, ids: Sequence[str]) -> None:
        """Add ids to the hash. Raises UnreadableSnapshot for an invalid id."""
        try:
            packed, lengths = bytes.fromhex("".join(ids)), set(map(len, ids))
        except (TypeError, ValueError):
            raise UnreadableSnapshot from None
        if lengths - {2 * ID_BYTES} or len(packed) != len(ids) * ID_BYTES:
            raise UnreadableSnapshot
        self._hash.update(packed)

    def digest(self) -> bytes:
        """Return the fingerprint of all ids added, 16 bytes."""
        return self._hash.digest()


def is_id(text: str) -> bool:
    """Whether the text is an id: 24 lower-case hex digits."""
    return _ID.fullmatch(text) is not None


def build_follower_list(ids: Sequence[str]) -> FollowerList:
    """Return the ids sorted, with their fingerprint. Raises UnreadableSnapshot for an invalid id."""
    try:
        in_order = sorted(ids)
    except TypeError:
        raise UnreadableSnapshot from None
    return FollowerList(in_order, Fingerprint(in_order).digest())


def diff_followers(before: Set[str], now: Sequence[str]) -> FollowerDiff:
    """Return the ids gained and lost between two lists, each sorted."""
    current = set(now)
    return FollowerDiff(sorted(current - before), sorted(before - current))


def group_by_size(previous: Mapping[str, PreviousSnapshot]) -> Iterator[Mapping[str, PreviousSnapshot]]:
    """Yield the users in groups whose lists together have at most 2 * MAX_IDS_PER_SLICE ids; a longer list is alone."""
    group: dict[str, PreviousSnapshot] = {}
    held = 0
    for user_id, day in previous.items():
        if group and held + day.followers_number > 2 * MAX_IDS_PER_SLICE:
            yield group
            group, held = {}, 0
        group[user_id] = day
        held += day.followers_number
    if group:
        yield group
