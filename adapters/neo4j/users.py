"""People in the graph: one node per account, never an older profile over a newer one."""

from dataclasses import asdict

from neo4j import AsyncDriver, AsyncManagedTransaction

from adapters.neo4j.client import read_one
from domain.ties import EdgeCounts
from domain.users import GraphUser

# The first SET takes the node's lock before its version is read: MERGE of a node that exists takes none.
PUT_USER = """
MERGE (u:User {user_id: $user.user_id})
SET u.user_id = $user.user_id
WITH u WHERE coalesce(u.profile_version, -1) <= $user.profile_version
SET u += $user
"""

COUNT_EDGES = """
MATCH (u:User {user_id: $user_id})
RETURN count { (u)-[:FOLLOWING]->() } AS following, count { (u)<-[:FOLLOWING]-() } AS followers
"""


class GraphUserStore:
    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def put(self, user: GraphUser) -> None:
        """Write this version of a profile; one statement, safe to repeat, safe out of order."""

        async def work(transaction: AsyncManagedTransaction) -> None:
            await (await transaction.run(PUT_USER, user=asdict(user))).consume()

        async with self._driver.session() as session:
            await session.execute_write(work)

    async def count_edges(self, user_id: str) -> EdgeCounts:
        """Degrees of the node, in constant time; zeros for a node that is not there yet."""
        record = await read_one(self._driver, COUNT_EDGES, user_id=user_id)
        return EdgeCounts(record["following"], record["followers"]) if record else EdgeCounts(0, 0)
