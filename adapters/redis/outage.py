"""Whether Redis is away, as far as one part of a process has seen."""

import time

RETRY_SECONDS = 1.0
"""How long Redis is not asked after a failure: each attempt may cost half a second."""


class RedisOutage:
    """Remembers a failure of Redis until it is worth to ask again."""

    def __init__(self) -> None:
        self._ends_at = 0.0

    def is_under_way(self) -> bool:
        """Return whether Redis has failed a moment ago, so that it need not be asked."""
        return time.monotonic() < self._ends_at

    def record(self) -> None:
        """Record that Redis has failed just now."""
        self._ends_at = time.monotonic() + RETRY_SECONDS
