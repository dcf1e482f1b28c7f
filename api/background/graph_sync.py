"""Has a changed account brought into the graph. The intent on the account is what counts: this only hurries."""

from datetime import timedelta

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from adapters.crypto.hashes import Hashes
from api.http.outages import tolerated
from workflows.queues import Queue
from workflows.users.graph_sync import SUMMARY, GraphSync, graph_sync_id, graph_sync_of

PATIENCE = timedelta(seconds=1)


class GraphSyncs:
    def __init__(self, temporal: Client, hashes: Hashes) -> None:
        self._temporal = temporal
        self._hashes = hashes

    async def kick(self, user_id: str) -> None:
        """Wake the account's entity, or start it. With Temporal away the sweep does it later."""
        key = self._hashes.workflow_key(user_id)
        await tolerated(
            self._temporal.start_workflow(
                GraphSync.run,
                graph_sync_of(user_id, key),
                id=graph_sync_id(key),
                task_queue=Queue.GRAPH,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                start_signal="changed",
                static_summary=SUMMARY,
                rpc_timeout=PATIENCE,
            )
        )
