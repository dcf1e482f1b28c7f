"""Erasure of one user from the graph, in batches: a node with a million edges does not fit in one transaction."""

from collections.abc import Sequence
from typing import LiteralString

from neo4j import AsyncDriver

from adapters.neo4j.client import read_one, write_idempotent, write_one

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


LIST_FOLLOWEES = """
MATCH (:User {user_id: $user_id})-[:FOLLOWING|FOLLOWING_PAUSED]->(other:User)
WITH DISTINCT other LIMIT $limit
RETURN collect(other.user_id) AS user_ids
"""

ERASE_FOLLOWS = """
MATCH (u:User {user_id: $user_id})
UNWIND $user_ids AS other_id
MATCH (u)-[follow:FOLLOWING|FOLLOWING_PAUSED]->(:User {user_id: other_id})
DELETE follow
RETURN count(*) AS erased
"""


class UserNodeErasure:
    """Deletes a user's node and edges, at most `limit` edges per transaction. Raises the driver's errors."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def erase(self, user_id: str, *, limit: int) -> int:
        """Delete up to `limit` edges of any kind or, without edges, the node. Returns the number of edges or nodes
        deleted; 0 when nothing is left.
        """
        return await self._run(ERASE_EDGES, user_id, limit) or await self._run(ERASE_NODE, user_id, limit)

    async def list_followees(self, user_id: str, *, limit: int) -> Sequence[str]:
        """Return the ids of up to `limit` users that the user follows, over visible and paused edges."""
        record = await read_one(self._driver, LIST_FOLLOWEES, user_id=user_id, limit=limit)
        return list(record["user_ids"]) if record else ()

    async def erase_follows(self, user_id: str, followee_ids: Sequence[str]) -> None:
        """Delete the user's visible and paused follow edges to these users."""
        await write_idempotent(self._driver, ERASE_FOLLOWS, user_id=user_id, user_ids=list(followee_ids))

    async def _run(self, statement: LiteralString, user_id: str, limit: int) -> int:
        record = await write_one(self._driver, statement, user_id=user_id, limit=limit)
        return int(record["erased"]) if record else 0
