"""Numbers what waits for its place in the journal: looks for it ten times a second, for minutes."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from temporalio import activity

from domain.journal.occurrences import MAX_NUMBERED

if TYPE_CHECKING:
    from adapters.mongo.journal.numbering import NumberingStore

PAUSE_SECONDS = 0.1
"""What one look costs, 0.2 ms of this process, is less than a signal for each occurrence, and nothing can be lost."""


@dataclass(frozen=True)
class KeepNumbering:
    """`seconds`: how long one activity looks for what waits."""

    seconds: int = 300


class JournalActivities:
    """Activities of the entity `journal`."""

    def __init__(self, numbering: "NumberingStore") -> None:
        self._numbering = numbering

    @activity.defn(name="journal.number")
    async def number(self, command: KeepNumbering) -> int:
        """Number whatever waits, until the time is over or the worker stops. Returns how many were taken."""
        until, taken = time.monotonic() + command.seconds, 0
        while time.monotonic() < until and not activity.is_worker_shutdown():
            found = await self._numbering.number(datetime.now(UTC))
            taken += found
            if found < MAX_NUMBERED:
                await _pause()
        return taken


async def _pause() -> None:
    """Wait for more; not longer than the worker runs, so that another one goes on at once."""
    with suppress(TimeoutError):
        await asyncio.wait_for(activity.wait_for_worker_shutdown(), PAUSE_SECONDS)
