"""User nodes in bulk, in the order of their ids: to compare them with the accounts and to rewrite them."""

from collections.abc import Mapping, Sequence
from typing import LiteralString

from neo4j import READ_ACCESS, AsyncDriver

from adapters.neo4j.client import ensure_constraints, write_idempotent
from adapters.neo4j.users.users import PUT_USERS, profile_parameters
from domain.users.users import GraphUser

# A node that a release before 2026-12 created on demand has no version.
VERSIONS_AFTER = """
MATCH (u:User) WHERE u.user_id > $after_id
RETURN u.user_id AS user_id, coalesce(u.profile_version, -1) AS version ORDER BY user_id LIMIT $limit
"""

VERSIONS = """
UNWIND $user_ids AS user_id
MATCH (u:User {user_id: user_id})
RETURN u.user_id AS user_id, coalesce(u.profile_version, -1) AS version
"""

REMOVE_BARE_USERS = """
UNWIND $user_ids AS user_id
MATCH (u:User {user_id: user_id})
WHERE NOT (u)--()
DELETE u
RETURN count(*) AS removed
"""


class ProjectionGraph:
    """Reads versions of user nodes, and writes and removes nodes, in bulk. Raises the driver's errors."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def prepare(self) -> None:
        """Create the constraints that the writes rely on: a lost graph comes back empty, without indexes."""
        await ensure_constraints(self._driver)

    async def versions_after(self, user_id: str, *, limit: int) -> Mapping[str, int]:
        """Return the profile version by id of up to `limit` nodes with ids above `user_id`, in the order of ids; -1
        for a node without a version.
        """
        return await self._versions(VERSIONS_AFTER, after_id=user_id, limit=limit)

    async def versions(self, user_ids: Sequence[str]) -> Mapping[str, int]:
        """Return the profile version by id of the nodes that exist; -1 for a node without a version."""
        return await self._versions(VERSIONS, user_ids=list(user_ids))

    async def put(self, users: Sequence[GraphUser]) -> None:
        """Write these profiles, none over a newer version. Idempotent."""
        await write_idempotent(self._driver, PUT_USERS, **profile_parameters(users))

    async def remove_bare(self, user_ids: Sequence[str]) -> None:
        """Delete those of the nodes that have no edges; their accounts no longer exist."""
        await write_idempotent(self._driver, REMOVE_BARE_USERS, user_ids=list(user_ids))

    async def _versions(self, statement: LiteralString, **values: object) -> Mapping[str, int]:
        async with self._driver.session(default_access_mode=READ_ACCESS) as session:
            return {row["user_id"]: row["version"] async for row in await session.run(statement, values)}
