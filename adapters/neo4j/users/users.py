"""User nodes of the graph: one node per account; an older profile never overwrites a newer one."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from neo4j import AsyncDriver

from adapters.neo4j.client import change_at_once, write_idempotent
from domain.users.users import GraphUser

# The first SET locks a node before its version is read: MERGE takes no lock on a node that exists. Locks are taken in
# the order of the rows, which is the order of ids everywhere. A statement that needs the nodes goes on from `u`.
PUT_USERS = """
UNWIND $users AS profile
MERGE (u:User {user_id: profile.user_id})
ON MATCH SET u.user_id = profile.user_id
FOREACH (newer IN CASE WHEN coalesce(u.profile_version, -1) <= profile.profile_version THEN [profile] ELSE [] END |
  SET u += newer)
"""

# A node with edges is left to the erasure, which deletes them in batches.
REMOVE_BARE_USERS = """
UNWIND $user_ids AS user_id
MATCH (u:User {user_id: user_id})
WHERE NOT (u)--()
DELETE u
"""


class GraphUserStore:
    """Writes and removes user nodes. Raises the driver's errors."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def put(self, user: GraphUser) -> None:
        """Write this version of a profile, in one statement. Idempotent; an older version changes nothing."""
        await self.put_many([user])

    async def put_many(self, users: Sequence[GraphUser]) -> None:
        """Write these versions of profiles likewise, all in one statement."""
        await write_idempotent(self._driver, PUT_USERS, **profile_parameters(users))

    async def put_at_once(self, users: Sequence[GraphUser]) -> None:
        """Do what `put_many` does, for a caller who waits. Raises ServiceUnavailable after a second."""
        await change_at_once(self._driver, PUT_USERS, **profile_parameters(users))

    async def remove_bare(self, user_ids: Sequence[str]) -> None:
        """Delete the nodes that have no edges; their accounts no longer exist."""
        await write_idempotent(self._driver, REMOVE_BARE_USERS, user_ids=list(user_ids))


def profile_parameters(users: Sequence[GraphUser]) -> dict[str, Any]:
    """Return the parameters of PUT_USERS: the profiles, in the order of ids."""
    return {"users": [asdict(user) for user in sorted(users, key=lambda user: user.user_id)]}
