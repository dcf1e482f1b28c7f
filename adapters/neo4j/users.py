"""People in the graph: one node per account, never an older profile over a newer one."""

import asyncio
from dataclasses import asdict, dataclass
from typing import LiteralString

from neo4j import READ_ACCESS, AsyncDriver, AsyncManagedTransaction, Record
from neo4j.exceptions import ServiceUnavailable

from domain.users import GraphUser

# The first SET takes the node's lock before its version is read: MERGE of a node that exists takes none.
PUT_USER = """
MERGE (u:User {user_id: $user.user_id})
SET u.user_id = $user.user_id
WITH u WHERE coalesce(u.profile_version, -1) <= $user.profile_version
SET u += $user
"""

# A node with edges is left to the erasure, which takes them in batches.
REMOVE_BARE_USER = """
MATCH (u:User {user_id: $user_id})
WHERE NOT (u)--()
DELETE u
"""

COUNT_EDGES = """
MATCH (u:User {user_id: $user_id})
RETURN count { (u)-[:FOLLOWING]->() } AS following, count { (u)<-[:FOLLOWING]-() } AS followers
"""

READ_SECONDS = 1.5


@dataclass(frozen=True)
class EdgeCounts:
    following: int
    followers: int


class GraphUserStore:
    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def put(self, user: GraphUser) -> None:
        """Write this version of a profile; one statement, safe to repeat, safe out of order."""

        await self._write(PUT_USER, user=asdict(user))

    async def remove_bare(self, user_id: str) -> None:
        """Take back a node that was put for an account which is gone."""
        await self._write(REMOVE_BARE_USER, user_id=user_id)

    async def count_edges(self, user_id: str) -> EdgeCounts:
        """Degrees of the node, in constant time; zeros for a node that is not there yet."""
        record = await self._read(COUNT_EDGES, user_id)
        return EdgeCounts(record["following"], record["followers"]) if record else EdgeCounts(0, 0)

    async def _write(self, statement: LiteralString, **values: object) -> None:
        async def work(transaction: AsyncManagedTransaction) -> None:
            await (await transaction.run(statement, values)).consume()

        async with self._driver.session() as session:
            await session.execute_write(work)

    async def _read(self, statement: LiteralString, user_id: str) -> Record | None:
        """One record. The driver waits for ever on an open connection to a silent server; we do not."""
        try:
            async with asyncio.timeout(READ_SECONDS), self._driver.session(default_access_mode=READ_ACCESS) as session:
                return await (await session.run(statement, user_id=user_id)).single()
        except TimeoutError:
            raise ServiceUnavailable("no answer in time") from None
