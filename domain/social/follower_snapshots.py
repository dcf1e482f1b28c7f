"""Who followed somebody, day by day: a number each day, who came and who left, and now and then the whole list.

The list of a day is the last whole one with all differences since. A fingerprint tells a day on which nothing has
changed, so that nothing has to be read of the days before it.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta

FULL_SNAPSHOT_INTERVAL = timedelta(days=30)
MAX_CHANGES_SINCE_FULL = 100_000
"""Where so many have come and gone since the whole list, another is due: what has to be read stays bounded."""
MAX_IDS_PER_SLICE = 50_000
"""So many ids of each kind stand in one document: some 3 MB of the 16 that it may have."""
ID_BYTES = 12
MIN_ID, MAX_ID = "0" * 24, "f" * 24
_ID = re.compile(r"[0-9a-f]{24}")


class UnreadableSnapshot(Exception):
    """Something of one person is not what it should be: an id, an edge, what was kept of an earlier day."""


@dataclass(frozen=True)
class PreviousSnapshot:
    """What the next day needs to know of the last one. `changes`: how many came and left since `full_day`."""

    day: date
    full_day: date
    followers_number: int
    changes: int
    fingerprint: bytes


@dataclass(frozen=True)
class FollowerDiff:
    """Who came and who left since the last day."""

    came: Sequence[str] = ()
    left: Sequence[str] = ()


@dataclass(frozen=True)
class FollowerCounts:
    """How many follow somebody, and how many came and left since the last day."""

    followers_number: int
    gained: int = 0
    lost: int = 0

    def __add__(self, other: "FollowerCounts") -> "FollowerCounts":
        number = self.followers_number + other.followers_number
        return FollowerCounts(number, self.gained + other.gained, self.lost + other.lost)


@dataclass(frozen=True)
class DailySnapshot:
    """One person's day, without the ids. `full_day`: the day of the whole list that it is counted from."""

    user_id: str
    day: date
    at: datetime
    counts: FollowerCounts
    full_day: date
    changes: int
    fingerprint: bytes


@dataclass(frozen=True)
class SnapshotWithIds:
    """A person's day with its ids; `full` is the whole list, on the days that have one."""

    snapshot: DailySnapshot
    changed: FollowerDiff
    full: Sequence[str] = ()


@dataclass(frozen=True)
class IdRange:
    """Ids above `low` up to `high`."""

    low: str = MIN_ID
    high: str = MAX_ID


@dataclass(frozen=True)
class SnapshotSlice:
    """The ids of a famous person's day that are in one slice."""

    id_range: IdRange
    changed: FollowerDiff
    full: Sequence[str] = ()


@dataclass(frozen=True)
class FollowerList:
    """A whole list in the order of ids, and what tells it from others."""

    ids: Sequence[str]
    fingerprint: bytes


@dataclass(frozen=True)
class SnapshotRun:
    """A day that is taken of some people: when, and what is known of their last one."""

    day: date
    at: datetime
    previous: Mapping[str, PreviousSnapshot]

    def is_full_due(self, user_id: str) -> bool:
        """Whether the whole list is to be kept on this day."""
        last = self.previous.get(user_id)
        return (
            last is None or self.day - last.full_day >= FULL_SNAPSHOT_INTERVAL or last.changes > MAX_CHANGES_SINCE_FULL
        )

    def was_large(self, user_id: str) -> bool:
        """Whether the last list is too long to be held beside others."""
        return user_id in self.previous and self.previous[user_id].followers_number > MAX_IDS_PER_SLICE

    def build_snapshot(self, user_id: str, counts: FollowerCounts, fingerprint: bytes) -> DailySnapshot:
        """The person's day. On the first one nobody is said to have come: nobody knows since when they follow."""
        if self.is_full_due(user_id):
            return DailySnapshot(user_id, self.day, self.at, counts, self.day, 0, fingerprint)
        last = self.previous[user_id]
        changes = last.changes + counts.gained + counts.lost
        return DailySnapshot(user_id, self.day, self.at, counts, last.full_day, changes, fingerprint)


class Fingerprint:
    """Of a list of ids, fed in their order, however it is cut."""

    def __init__(self, ids: Sequence[str] = ()) -> None:
        self._hash = hashlib.blake2b(digest_size=16)
        self.add(ids)

    def add(self, ids: Sequence[str]) -> None:
        """Raises Unreadable for what is no id."""
        try:
            packed, lengths = bytes.fromhex("".join(ids)), set(map(len, ids))
        except (TypeError, ValueError):
            raise UnreadableSnapshot from None
        if lengths - {2 * ID_BYTES} or len(packed) != len(ids) * ID_BYTES:
            raise UnreadableSnapshot
        self._hash.update(packed)

    def digest(self) -> bytes:
        return self._hash.digest()


def is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def build_follower_list(ids: Sequence[str]) -> FollowerList:
    """Raises Unreadable when something among them is no id."""
    try:
        in_order = sorted(ids)
    except TypeError:
        raise UnreadableSnapshot from None
    return FollowerList(in_order, Fingerprint(in_order).digest())


def diff_followers(before: Set[str], now: Sequence[str]) -> FollowerDiff:
    """Both in the order of their ids."""
    there = set(now)
    return FollowerDiff(sorted(there - before), sorted(before - there))


def group_by_size(previous: Mapping[str, PreviousSnapshot]) -> Iterator[Mapping[str, PreviousSnapshot]]:
    """The same people, so many at a time that their lists can be held together."""
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
