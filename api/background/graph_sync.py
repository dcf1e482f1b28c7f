"""Has a changed account brought into the graph. The intent on the account is what counts: this only hurries."""

from temporalio.client import Client

from adapters.crypto.hashes import KeyedHashes
from api.background.start import start_in_background
from api.http.outages import none_if_unavailable
from workflows.queues import Queue
from workflows.users.graph_sync import SUMMARY, GraphSync, graph_sync_input, graph_sync_workflow_id


class GraphSyncTrigger:
    def __init__(self, temporal: Client, hashes: KeyedHashes) -> None:
        self._temporal = temporal
        self._hashes = hashes

    async def trigger(self, user_id: str) -> None:
        """Wake the account's entity, or start it. With Temporal away the sweep does it later."""
        key = self._hashes.workflow_key(user_id)
        await none_if_unavailable(
            start_in_background(
                self._temporal,
                GraphSync.run,
                graph_sync_input(user_id, key),
                workflow_id=graph_sync_workflow_id(key),
                queue=Queue.GRAPH,
                summary=SUMMARY,
                signal="changed",
            )
        )
