"""Triggers the sync of a changed account to the graph. The intent is stored on the account: this only saves time."""

from temporalio.client import Client

from adapters.crypto.keyed_hashes import KeyedHashes
from api.background.start import start_in_background
from api.http.outages import none_if_unavailable
from workflows.queues import Queue
from workflows.users.graph_sync import SUMMARY, GraphSync, graph_sync_input, graph_sync_workflow_id


class GraphSyncTrigger:
    """Starts and wakes the GraphSync entity workflow of an account."""

    def __init__(self, temporal: Client, hashes: KeyedHashes) -> None:
        self._temporal = temporal
        self._hashes = hashes

    async def trigger(self, user_id: str) -> None:
        """Wake the account's entity workflow, or start it. While Temporal is unavailable it is left to the sweep."""
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
