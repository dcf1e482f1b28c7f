"""Block edges: `(a)-[:BLOCKED {from_id, to_id, created_at}]->(b)`, created_at in ms since 1970."""

from datetime import datetime
from typing import LiteralString

from neo4j import AsyncDriver

from adapters.neo4j.client import change_one
from adapters.neo4j.social.pair_locks import LOCK_PAIR, PUT_PAIR, pair_parameters, profile_pair_parameters
from domain.users.users import GraphUser

# Two users may block each other. All follow edges between them are deleted, paused ones too.
BLOCK = (
    PUT_PAIR
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
    """Creates and deletes block edges. Raises ServiceUnavailable on a timeout, and the driver's errors."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def block(self, blocker: GraphUser, blocked: GraphUser, at: datetime) -> bool:
        """Create the block and delete the follows in both directions. Returns False when the block exists already.

        Both profiles are written with it.
        """
        return await self._changed(BLOCK, **profile_pair_parameters(blocker, blocked, at))

    async def unblock(self, blocker_id: str, blocked_id: str) -> bool:
        """Delete the block; a block in the other direction stays. Returns False when there was none."""
        return await self._changed(UNBLOCK, **pair_parameters(blocker_id, blocked_id))

    async def _changed(self, statement: LiteralString, **values: object) -> bool:
        record = await change_one(self._driver, statement, **values)
        return bool(record and record["changed"])
