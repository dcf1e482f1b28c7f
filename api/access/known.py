"""What this process has read within the last ten seconds and keeps until then, so that not every request reads it.

An entry belongs to a user and goes with a hint about itself or about that user. While Redis is unavailable the ten
seconds are the bound.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

TTL_SECONDS = 9.0
"""The promised bound is ten; the tenth second covers the request in progress."""
MAX_ENTRIES = 10_000
MAX_FORGOTTEN = 1_000
"""Ids remembered as forgotten, for the reads that began before. A read older than all of them is not kept."""

Value = TypeVar("Value")
Clock = Callable[[], float]
"""Monotonic time in seconds."""


@dataclass(frozen=True)
class CacheCounts:
    """Since the start of this process: how often what was asked for was there, and how often not. `size`: now."""

    size: int
    hits: int
    misses: int


@dataclass(frozen=True)
class _Entry(Generic[Value]):
    value: Value
    user_id: str
    read_at: float


class Known(Generic[Value]):
    """Values by id, each of one user. The oldest goes where there are too many."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._entries: OrderedDict[str, _Entry[Value]] = OrderedDict()
        self._of_user: dict[str, set[str]] = {}
        """The ids of the entries by user id."""
        self._version = 0
        self._forgotten: OrderedDict[str, int] = OrderedDict()
        """The version at which an entry or a user was last forgotten, by their id, oldest first."""
        self._oldest_version = 0
        """Reads that began before this version may have missed a hint that is no longer remembered."""
        self._hits = self._misses = 0

    @property
    def version(self) -> int:
        """How often something was forgotten. Take it before reading a value: a hint about it makes it stale."""
        return self._version

    @property
    def counts(self) -> CacheCounts:
        """How often a value was found."""
        return CacheCounts(len(self._entries), self._hits, self._misses)

    def find(self, entry_id: str) -> Value | None:
        """Return the value; None if it is unknown or expired."""
        entry = self._entries.get(entry_id)
        if entry and self._clock() - entry.read_at < TTL_SECONDS:
            self._hits += 1
            return entry.value
        self._misses += 1
        self._drop(entry_id)
        return None

    def put(self, entry_id: str, user_id: str, value: Value, version: int) -> None:
        """Keep what was just read, unless it or its user was forgotten since `version`."""
        if version < max(self._oldest_version, self._forgotten.get(entry_id, 0), self._forgotten.get(user_id, 0)):
            return
        self._entries[entry_id] = _Entry(value, user_id, self._clock())
        self._entries.move_to_end(entry_id)
        self._of_user.setdefault(user_id, set()).add(entry_id)
        if len(self._entries) > MAX_ENTRIES:
            self._drop(next(iter(self._entries)))

    def forget(self, entry_id: str) -> None:
        """Remove one entry."""
        self._remember(entry_id)
        self._drop(entry_id)

    def forget_user(self, user_id: str) -> None:
        """Remove all entries of a user."""
        self._remember(user_id)
        for entry_id in list(self._of_user.get(user_id, ())):
            self._drop(entry_id)

    def forget_all(self) -> None:
        """Remove everything: hints may have been lost."""
        self._version += 1
        self._oldest_version = self._version
        self._forgotten.clear()
        self._entries.clear()
        self._of_user.clear()

    def _remember(self, target_id: str) -> None:
        self._version += 1
        self._forgotten[target_id] = self._version
        self._forgotten.move_to_end(target_id)
        if len(self._forgotten) > MAX_FORGOTTEN:
            _, self._oldest_version = self._forgotten.popitem(last=False)

    def _drop(self, entry_id: str) -> None:
        entry = self._entries.pop(entry_id, None)
        if entry is None:
            return
        of_user = self._of_user[entry.user_id]
        of_user.discard(entry_id)
        if not of_user:
            del self._of_user[entry.user_id]
