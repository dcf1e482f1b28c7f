"""Brings a changed account into the graph. The intent is stored on the account: this only saves time."""

import asyncio
from dataclasses import dataclass

from adapters.area_resources import UserResources
from api.background.start import start_in_background
from api.http.outages import none_if_unavailable
from workflows.queues import Queue
from workflows.users.graph_sync import SUMMARY, GraphSync, graph_sync_input, graph_sync_workflow_id


@dataclass(frozen=True)
class GraphSyncTrigger:
    """Writes accounts to their nodes, and starts and wakes their GraphSync entity workflows."""

    resources: UserResources

    async def trigger(self, user_id: str) -> None:
        """Write the account to its node and wake its entity workflow, which closes the intent.

        While Neo4j or Temporal is unavailable its part is left to the sweep.
        """
        await asyncio.gather(self.put(user_id), self._wake(user_id))

    async def put(self, user_id: str) -> None:
        """Write the account to its node, for reads that begin after the answer. GraphSync is woken by others."""
        user = await self.resources.users.users.find_graph_user(user_id)
        if user is not None:
            await none_if_unavailable(self.resources.users.nodes.put_at_once(user))

    async def _wake(self, user_id: str) -> None:
        key = self.resources.hashes.workflow_key(user_id)
        await none_if_unavailable(
            start_in_background(
                self.resources.temporal,
                GraphSync.run,
                graph_sync_input(user_id, key),
                workflow_id=graph_sync_workflow_id(key),
                queue=Queue.GRAPH,
                summary=SUMMARY,
                signal="changed",
            )
        )
