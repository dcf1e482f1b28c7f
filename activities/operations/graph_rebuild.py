"""Rewrites the nodes of all users from their accounts, in idempotent batches."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from temporalio import activity

if TYPE_CHECKING:
    from adapters.mongo.operations.projections import ProfileBatch, ProjectionStore
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
        done = RebuiltBatches(0, after)
        async with aclosing(self._batches(after)) as batches:
            async for batch in batches:
                written = await self._write(batch.users)
                done = RebuiltBatches(done.users + written, batch.last, done.unreadable + tuple(batch.unreadable))
        return done

    async def _batches(self, after: str) -> AsyncGenerator["ProfileBatch", None]:
        """Yield up to MAX_BATCHES_PER_ATTEMPT batches, at the end an empty one; each is read while the previous is
        written.
        """
        reading = asyncio.create_task(self._accounts.profiles_after(after, limit=BATCH_SIZE))
        try:
            for number in range(1, MAX_BATCHES_PER_ATTEMPT + 1):
                batch = await reading
                if batch.last is not None and number < MAX_BATCHES_PER_ATTEMPT:
                    reading = asyncio.create_task(self._accounts.profiles_after(batch.last, limit=BATCH_SIZE))
                yield batch
                if batch.last is None:
                    return
        finally:
            reading.cancel()

    async def _write(self, users: Sequence["GraphUser"]) -> int:
        """Write the nodes and return how many. An account may have been erased since it was read: then the node just
        restored is removed again.
        """
        await self._put(users)
        gone = await self._accounts.find_missing([user.user_id for user in users])
        if gone:
            await self._nodes.remove_bare(gone)
        return len(users) - len(gone)

    async def _put(self, users: Sequence["GraphUser"]) -> None:
        """Write two halves in parallel: Neo4j runs a statement on one core."""
        middle = len(users) // 2
        await asyncio.gather(*(self._nodes.put(half) for half in (users[:middle], users[middle:]) if half))
