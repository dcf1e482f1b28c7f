"""How the processes of one run share its tests: file by file, but the folders that wait most each stay in one process.

Tests that take servers away, or play whole journeys, wait for servers most of their time. They come first, one folder
to a process, while another process keeps the machine busy; side by side in all of them, they would leave it idle.
"""

from collections import Counter
from collections.abc import Sequence

import pytest
from xdist.scheduler import LoadFileScheduling

WAITING = ("tests/faults/", "tests/journeys/")


class Sharing(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """Hands out one file at a time, in the order in which they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        folder = next((folder for folder in WAITING if nodeid.startswith(folder)), None)
        return folder or str(super()._split_scope(nodeid))


def in_order(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Those that wait come first: whatever begins last should be short."""
    return sorted(items, key=lambda item: not item.nodeid.startswith(WAITING))


def require_ids_of_their_own(items: Sequence[pytest.Item]) -> None:
    """Raise UsageError if two tests have one id: of those, xdist runs one."""
    shared = [test_id for test_id, count in Counter(item.nodeid for item in items).items() if count > 1]
    if shared:
        raise pytest.UsageError(f"Give each test an id of its own; shared by several: {', '.join(shared)}")
