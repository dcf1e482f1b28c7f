"""GraphSync: one entity per account, which writes its newest profile to the graph after each change."""

from datetime import timedelta

from temporalio import workflow

from activities.users.graph_sync import GraphSyncActivities, GraphSyncInput
from workflows.activity_options import GRAPH, STORE
from workflows.background import start_or_signal
from workflows.queues import Queue
from workflows.steps import run_activity

DEBOUNCE = timedelta(milliseconds=200)
"""Temporal's timers make it up to a second."""
IDLE_TIMEOUT = timedelta(seconds=60)
SUMMARY = "Brings one account's profile into the graph"


def graph_sync_workflow_id(user_key: str) -> str:
    """Return the workflow id of an account's sync; `user_key` is the keyed hash of the user id."""
    return f"graph-sync/{user_key}"


@workflow.defn(name="GraphSync")
class GraphSync:
    """Writes one account's profile to its node in the graph. Ends after an idle minute."""

    @workflow.init
    def __init__(self, input: GraphSyncInput) -> None:
        self._is_dirty = True

    @workflow.signal(name="changed")
    def account_changed(self) -> None:
        """Wake the entity after a change of the account, which it reads from MongoDB, not from the signal."""
        self._is_dirty = True

    @workflow.run
    async def run(self, input: GraphSyncInput) -> None:
        """Project the newest profile at once, and again until nothing has changed for a minute.

        After a change during a projection it pauses, so that the changes of a burst are projected together.
        """
        while await self._wait_for_change():
            # An entity that began by pausing continues so. The patch can be removed on 2027-03-01.
            acts_first = workflow.patched("graph-sync-acts-first")
            if not acts_first:
                await workflow.sleep(DEBOUNCE)
            self._is_dirty = False
            await self._sync(input.user_id)
            if acts_first and self._is_dirty:
                await workflow.sleep(DEBOUNCE)
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(input)

    async def _wait_for_change(self) -> bool:
        try:
            await workflow.wait_condition(lambda: self._is_dirty, timeout=IDLE_TIMEOUT)
        except TimeoutError:
            return False
        return True

    async def _sync(self, user_id: str) -> None:
        synced = await run_activity(GraphSyncActivities.project, user_id, GRAPH)
        if synced and not await run_activity(GraphSyncActivities.mark_synced, synced, STORE):
            self._is_dirty = True


async def start_or_wake_graph_sync(input: GraphSyncInput) -> None:
    """Wake the account's entity, or start it. Idempotent."""
    await start_or_signal(
        GraphSync.run,
        input,
        workflow_id=graph_sync_workflow_id(input.user_key),
        queue=Queue.GRAPH,
        summary=SUMMARY,
        signals=[GraphSync.account_changed],
    )
