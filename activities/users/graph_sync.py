"""Writes one account's profile to the graph: read it from MongoDB, write the node, close the intent."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from temporalio import activity

if TYPE_CHECKING:
    from adapters.mongo.users.users import UserStore
    from adapters.neo4j.users.users import GraphUserStore


@dataclass(frozen=True)
class GraphSyncInput:
    """`user_key`: the keyed hash of the user id, for workflow ids, which may contain no user id."""

    user_id: str
    user_key: str


@dataclass(frozen=True)
class SyncedProfile:
    """`version`: the profile version that was written to the node."""

    user_id: str
    version: int


class GraphSyncActivities:
    """Activities of the GraphSync workflow."""

    def __init__(self, users: "UserStore", graph_users: "GraphUserStore") -> None:
        self._users = users
        self._graph_users = graph_users

    @activity.defn(name="graph_sync.project")
    async def project(self, user_id: str) -> SyncedProfile | None:
        """Write the account's current profile to its node. Returns None when the account does not exist (any more).

        The account may be erased during the write: then the node just restored is removed again.
        """
        user = await self._users.find_graph_user(user_id)
        if user is not None:
            await self._graph_users.put(user)
        if user is None or not await self._users.exists(user_id):
            await self._graph_users.remove_bare([user_id])
            return None
        return SyncedProfile(user_id, user.profile_version)

    @activity.defn(name="graph_sync.mark_synced")
    async def mark_synced(self, synced: SyncedProfile) -> bool:
        """Close the intent. Returns False when the account has changed meanwhile and needs another sync."""
        return await self._users.mark_synced(synced.user_id, synced.version)
