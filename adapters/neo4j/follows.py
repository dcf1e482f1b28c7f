"""The follow edges of somebody who leaves: out of sight, and back as they were, a bounded batch at a time.

An edge is in sight while both its ends are active. What removes a FOLLOWING has to remove a FOLLOWING_PAUSED too.
"""

from typing import LiteralString

from neo4j import AsyncDriver

from adapters.neo4j.client import write_one

PAUSE = """
MATCH (u:User {user_id: $user_id})-[seen:FOLLOWING]-()
WITH seen LIMIT $limit
WITH seen, startNode(seen) AS follower, endNode(seen) AS followed
CREATE (follower)-[paused:FOLLOWING_PAUSED]->(followed)
SET paused = properties(seen)
DELETE seen
RETURN count(*) AS moved
"""

# The other end may be leaving as well: then the edge waits for whoever comes back last.
RESUME = """
MATCH (u:User {user_id: $user_id})-[paused:FOLLOWING_PAUSED]-(other:User)
WHERE other.is_active
WITH paused LIMIT $limit
WITH paused, startNode(paused) AS follower, endNode(paused) AS followed
MERGE (follower)-[seen:FOLLOWING]->(followed)
ON CREATE SET seen = properties(paused)
DELETE paused
RETURN count(*) AS moved
"""


class FollowStore:
    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def pause(self, user_id: str, *, limit: int) -> int:
        """Hide up to so many of the person's follow edges. Returns how many; 0 when all are hidden."""
        return await self._move(PAUSE, user_id, limit)

    async def resume(self, user_id: str, *, limit: int) -> int:
        """Show up to so many of them again, those to people who are active. Returns how many; 0 when all are."""
        return await self._move(RESUME, user_id, limit)

    async def _move(self, statement: LiteralString, user_id: str, limit: int) -> int:
        record = await write_one(self._driver, statement, user_id=user_id, limit=limit)
        return int(record["moved"]) if record else 0
