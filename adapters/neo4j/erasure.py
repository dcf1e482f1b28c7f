"""One person in the graph, erased: edges in bounded batches, for a node with a million of them fits no transaction."""

from typing import LiteralString

from neo4j import AsyncDriver

from adapters.neo4j.client import write_one

ERASE_EDGES = """
MATCH (u:User {user_id: $user_id})-[edge]-()
WITH edge LIMIT $limit
DELETE edge
RETURN count(*) AS erased
"""

ERASE_NODE = """
MATCH (u:User {user_id: $user_id})
DETACH DELETE u
RETURN count(*) AS erased
"""


class PersonalNode:
    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def erase(self, user_id: str, *, limit: int) -> int:
        """Delete up to so many edges of any kind, then the node. Returns how many of either; 0: nothing is left."""
        return await self._run(ERASE_EDGES, user_id, limit) or await self._run(ERASE_NODE, user_id, limit)

    async def _run(self, statement: LiteralString, user_id: str, limit: int) -> int:
        record = await write_one(self._driver, statement, user_id=user_id, limit=limit)
        return int(record["erased"]) if record else 0
