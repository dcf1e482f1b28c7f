"""Drops the oldest entries of the journal, up to a checkpoint, in bounded batches."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from temporalio import activity

if TYPE_CHECKING:
    from adapters.mongo.journal.trim import TrimStore

BATCH_SIZE = 2_000
MAX_BATCHES = 50


@dataclass(frozen=True)
class TrimJournal:
    """`before`: entries older than this may go."""

    before: datetime


@dataclass(frozen=True)
class Trimmed:
    """`dropped`: how many entries; `is_done`: no more are old enough."""

    dropped: int
    is_done: bool


class TrimActivities:
    """Activities of the JournalTrim workflow."""

    def __init__(self, trim: "TrimStore") -> None:
        self._trim = trim

    @activity.defn(name="journal.trim")
    async def trim(self, command: TrimJournal) -> Trimmed:
        """Drop some batches. Idempotent: each finds only what is left."""
        dropped = 0
        for _ in range(MAX_BATCHES):
            count = await self._trim.drop_oldest(command.before, limit=BATCH_SIZE)
            if count == 0:
                return Trimmed(dropped, is_done=True)
            dropped += count
        return Trimmed(dropped, is_done=False)
