"""Drops the oldest entries. What is left begins after a checkpoint, which stands in for all that came before."""

from datetime import datetime

from adapters.mongo.client import Database


class TrimStore:
    """Deletes entries by their numbers, oldest first."""

    def __init__(self, database: Database) -> None:
        self._entries = database["journal"]
        self._checkpoints = database["journal_checkpoints"]

    async def drop_oldest(self, before: datetime, *, limit: int) -> int:
        """Delete entries up to the last checkpoint made before `before`, at most `limit`. Returns how many."""
        checkpoint = await self._checkpoints.find_one({"at": {"$lt": before}}, {"seq": 1}, sort=[("seq", -1)])
        if checkpoint is None:
            return 0
        oldest = self._entries.find({"seq": {"$lte": checkpoint["seq"]}}, {"seq": 1}, sort=[("seq", 1)], limit=limit)
        found = [entry["seq"] async for entry in oldest]
        if not found:
            return 0
        return (await self._entries.delete_many({"seq": {"$lte": found[-1]}})).deleted_count
