"""Writes the nodes of all people anew from their accounts, in batches, each of which may be written again."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from temporalio import activity

if TYPE_CHECKING:
    from adapters.mongo.operations.projections import ProjectionStore
    from adapters.neo4j.operations.projections import ProjectionGraph
    from domain.users.users import GraphUser

BATCH_SIZE = 2_000
MAX_BATCHES_PER_ATTEMPT = 5


@dataclass(frozen=True)
class RebuiltBatches:
    """`last` is the id behind which the next batches begin; None when everybody is done."""

    users: int
    last: str | None
    unreadable: tuple[str, ...] = ()


class GraphRebuildActivities:
    def __init__(self, accounts: "ProjectionStore", nodes: "ProjectionGraph") -> None:
        self._accounts = accounts
        self._nodes = nodes

    @activity.defn(name="graph_rebuild.project")
    async def project(self, after: str) -> RebuiltBatches:
        """The next ten thousand accounts after this id, which is empty at the start."""
        if not after:
            # A graph that was lost has no index: without one each node would be searched among all others.
            await self._nodes.prepare()
        users, unreadable, last = 0, list[str](), after
        for _ in range(MAX_BATCHES_PER_ATTEMPT):
            profiles = await self._accounts.profiles_after(last, limit=BATCH_SIZE)
            if profiles.last is None:
                return RebuiltBatches(users, None, tuple(unreadable))
            await self._put(profiles.users)
            # Somebody may have been erased since they were read: then the node that we have brought back goes again.
            gone = await self._accounts.find_missing([user.user_id for user in profiles.users])
            await self._nodes.remove_bare(gone)
            users += len(profiles.users) - len(gone)
            unreadable += profiles.unreadable
            last = profiles.last
        return RebuiltBatches(users, last, tuple(unreadable))

    async def _put(self, users: Sequence["GraphUser"]) -> None:
        """Half of them beside the other half: Neo4j carries out one statement on one core."""
        middle = len(users) // 2
        await asyncio.gather(*(self._nodes.put(half) for half in (users[:middle], users[middle:]) if half))
