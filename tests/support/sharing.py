"""How the processes of one run share its tests: file by file, and all that take servers away in one of them.

Those wait for servers most of their time. One process does nothing else at first, while the others keep the machine
busy; side by side they would all wait.
"""

from collections.abc import Sequence

import pytest
from xdist.scheduler import LoadFileScheduling

WAITING = "tests/faults/"


class Sharing(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """Hands out one file at a time, in the order in which they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return WAITING if nodeid.startswith(WAITING) else super()._split_scope(nodeid)


def in_order(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Those that wait come first: whatever begins last should be short."""
    return sorted(items, key=lambda item: not item.nodeid.startswith(WAITING))
