"""Rewrites the nodes of all users from their accounts, in idempotent batches."""

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
    """`last`: the id that the next batches start after, None at the end; `unreadable`: ids without a valid profile."""

    users: int
    last: str | None
    unreadable: tuple[str, ...] = ()


class GraphRebuildActivities:
    """Activities of the GraphRebuild workflow."""

    def __init__(self, accounts: "ProjectionStore", nodes: "ProjectionGraph") -> None:
        self._accounts = accounts
        self._nodes = nodes

    @activity.defn(name="graph_rebuild.project")
    async def project(self, after: str) -> RebuiltBatches:
        """Write the nodes of the next 10,000 accounts after the id `after`, empty at the start."""
        if not after:
            # A lost graph has no index: without one, each write scans all nodes.
            await self._nodes.prepare()
        users, unreadable, last = 0, list[str](), after
        for _ in range(MAX_BATCHES_PER_ATTEMPT):
            profiles = await self._accounts.profiles_after(last, limit=BATCH_SIZE)
            if profiles.last is None:
                return RebuiltBatches(users, None, tuple(unreadable))
            await self._put(profiles.users)
            # An account may have been erased since the read: then the node just restored is removed again.
            gone = await self._accounts.find_missing([user.user_id for user in profiles.users])
            await self._nodes.remove_bare(gone)
            users += len(profiles.users) - len(gone)
            unreadable += profiles.unreadable
            last = profiles.last
        return RebuiltBatches(users, last, tuple(unreadable))

    async def _put(self, users: Sequence["GraphUser"]) -> None:
        """Write two halves in parallel: Neo4j runs a statement on one core."""
        middle = len(users) // 2
        await asyncio.gather(*(self._nodes.put(half) for half in (users[:middle], users[middle:]) if half))
