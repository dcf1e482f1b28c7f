"""User nodes of the graph: one node per account; an older profile never overwrites a newer one."""

from dataclasses import asdict

from neo4j import AsyncDriver

from adapters.neo4j.client import write_one
from domain.users.users import GraphUser

# The first SET locks the node before its version is read: MERGE takes no lock on a node that exists.
PUT_USER = """
MERGE (u:User {user_id: $user.user_id})
SET u.user_id = $user.user_id
WITH u WHERE coalesce(u.profile_version, -1) <= $user.profile_version
SET u += $user
"""

# A node with edges is left to the erasure, which deletes them in batches.
REMOVE_BARE_USER = """
MATCH (u:User {user_id: $user_id})
WHERE NOT (u)--()
DELETE u
"""


class GraphUserStore:
    """Writes and removes single user nodes. Raises the driver's errors."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def put(self, user: GraphUser) -> None:
        """Write this version of a profile, in one statement. Idempotent; an older version changes nothing."""
        await write_one(self._driver, PUT_USER, user=asdict(user))

    async def remove_bare(self, user_id: str) -> None:
        """Delete the node if it has no edges; its account no longer exists."""
        await write_one(self._driver, REMOVE_BARE_USER, user_id=user_id)
