"""GraphSync: one entity per account; brings its newest profile into the graph whenever it changed."""

from datetime import timedelta

from temporalio import workflow

from activities.users.graph_sync import GraphSyncActivities, GraphSyncInput
from workflows.activity_options import GRAPH, STORE
from workflows.background import start_or_signal
from workflows.queues import Queue
from workflows.steps import run_activity

DEBOUNCE = timedelta(milliseconds=200)
IDLE_TIMEOUT = timedelta(seconds=60)
SUMMARY = "Brings one account's profile into the graph"


def graph_sync_workflow_id(user_key: str) -> str:
    return f"graph-sync/{user_key}"


def graph_sync_input(user_id: str, user_key: str) -> GraphSyncInput:
    """The order of a sync, for who starts one from outside."""
    return GraphSyncInput(user_id, user_key)


@workflow.defn(name="GraphSync")
class GraphSync:
    @workflow.init
    def __init__(self, input: GraphSyncInput) -> None:
        self._is_dirty = True

    @workflow.signal(name="changed")
    def account_changed(self) -> None:
        """The account has changed; what and how is read from the truth, not from messages."""
        self._is_dirty = True

    @workflow.run
    async def run(self, input: GraphSyncInput) -> None:
        """Project the newest profile until nothing has changed for a minute."""
        while await self._wait_for_change():
            await workflow.sleep(DEBOUNCE)
            self._is_dirty = False
            await self._sync(input.user_id)
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
    """Wake the account's entity, or start it. Safe to call twice."""
    await start_or_signal(
        GraphSync.run,
        input,
        workflow_id=graph_sync_workflow_id(input.user_key),
        queue=Queue.GRAPH,
        summary=SUMMARY,
        signals=[GraphSync.account_changed],
    )
