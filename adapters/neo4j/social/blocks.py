"""Who blocks whom: `(a)-[:BLOCKED {from_id, to_id, created_at}]->(b)`, created_at in ms."""

from datetime import datetime
from typing import LiteralString

from neo4j import AsyncDriver

from adapters.neo4j.client import change_one
from adapters.neo4j.social.pair_locks import LOCK_OR_CREATE_PAIR, LOCK_PAIR, pair_parameters

# Both may block each other. Of their follow edges, those of somebody who has left too, nothing stays.
BLOCK = (
    LOCK_OR_CREATE_PAIR
    + """
WITH me, user, EXISTS { ()-[:BLOCKED {from_id: $from_id, to_id: $to_id}]->() } AS is_old
FOREACH (one IN CASE WHEN is_old THEN [] ELSE [user] END |
  CREATE (me)-[:BLOCKED {from_id: $from_id, to_id: $to_id, created_at: $at}]->(one))
WITH is_old
UNWIND [[$from_id, $to_id], [$to_id, $from_id]] AS way
OPTIONAL MATCH ()-[seen:FOLLOWING {from_id: way[0], to_id: way[1]}]->()
OPTIONAL MATCH ()-[paused:FOLLOWING_PAUSED {from_id: way[0], to_id: way[1]}]->()
DELETE seen, paused
RETURN DISTINCT NOT is_old AS changed
"""
)

UNBLOCK = (
    LOCK_PAIR
    + """
MATCH ()-[block:BLOCKED {from_id: $from_id, to_id: $to_id}]->()
DELETE block
RETURN true AS changed
"""
)


class BlockStore:
    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def block(self, blocker_id: str, blocked_id: str, at: datetime) -> bool:
        """From here on neither sees the other, and neither follows the other. False when it was so already."""
        return await self._changed(BLOCK, **pair_parameters(blocker_id, blocked_id, at))

    async def unblock(self, blocker_id: str, blocked_id: str) -> bool:
        """Their own block of the other, if there is one, stays. False when there was nothing to take back."""
        return await self._changed(UNBLOCK, **pair_parameters(blocker_id, blocked_id))

    async def _changed(self, statement: LiteralString, **values: object) -> bool:
        record = await change_one(self._driver, statement, **values)
        return bool(record and record["changed"])
