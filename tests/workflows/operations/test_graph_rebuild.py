"""GraphRebuild: batches in the order of ids, each where the ones before have ended."""

from datetime import timedelta

from temporalio.client import Client, WorkflowHandle

from activities.operations.graph_rebuild import RebuiltBatches
from domain.operations.graph_reconcile import MAX_LISTED
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY
from tests.workflows.time_skipping import Clock
from workflows.operations.graph_rebuild import GraphRebuild, RebuildProgress
from workflows.queues import Queue

TENTH = "aa" * 12
CORRUPT = "cc" * 12
FAR = "x" * 1_100_000
"""Four of them in a history, and the server asks for a new run."""


async def start(client: Client) -> WorkflowHandle[GraphRebuild, RebuildProgress]:
    return await client.start_workflow(GraphRebuild.run, id="graph-rebuild", task_queue=Queue.GRAPH)


async def test_batches_follow_one_another(client: Client, fakes: Fakes) -> None:
    fakes.graph_rebuild.projected.returns_next(lambda _: RebuiltBatches(10, TENTH, (CORRUPT,)))

    rebuilt = await (await start(client)).result()

    assert fakes.graph_rebuild.projected.calls == ["", TENTH]
    assert rebuilt == RebuildProgress(15, None, (CORRUPT,))


async def test_outage_is_waited_out(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.graph_rebuild.projected.fail(MONGO_AWAY, times=8)

    run = await start(client)

    assert await clock.advance_until(run.result(), step=timedelta(seconds=30)) == RebuildProgress(5, None)


async def test_long_rebuild_goes_on_in_a_new_run(client: Client, fakes: Fakes) -> None:
    fakes.graph_rebuild.projected.returns_next(*[lambda _: RebuiltBatches(10, FAR, (CORRUPT,) * 60)] * 2)

    rebuilt = await (await start(client)).result()

    assert rebuilt.users == 25
    assert rebuilt.unreadable == (CORRUPT,) * MAX_LISTED
