"""People in the graph: one node per account, never an older profile over a newer one."""

from dataclasses import asdict

from neo4j import AsyncDriver

from adapters.neo4j.client import write_one
from domain.users.users import GraphUser

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


class GraphUserStore:
    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def put(self, user: GraphUser) -> None:
        """Write this version of a profile; one statement, safe to repeat, safe out of order."""
        await write_one(self._driver, PUT_USER, user=asdict(user))

    async def remove_bare(self, user_id: str) -> None:
        """Take back a node that was put for an account which is gone."""
        await write_one(self._driver, REMOVE_BARE_USER, user_id=user_id)
