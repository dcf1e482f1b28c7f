"""GraphReconcile: page after page through every outage, one report at the end."""

from datetime import timedelta

from temporalio.client import Client, WorkflowHandle

from activities.operations.graph_reconcile import MAX_REMOVED, PageCompared, ReconcilePosition
from domain.operations.graph_reconcile import ReconcileCounts
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import NEO4J_AWAY
from tests.workflows.fakes.graph import NO_DRIFT
from tests.workflows.time_skipping import Clock
from workflows.operations.graph_reconcile import GraphReconcile
from workflows.queues import Queue
from workflows.search_attributes import BLOCKED_ON

WORKFLOW_ID = "graph-reconcile"
FIVE_QUIET_TRIES = timedelta(seconds=9)
DRIFT = ReconcileCounts(users_mongo=2, users_graph=3, extra=1, stale=1, repaired=2, unreadable=("aa" * 12,))
SECOND = ReconcilePosition("bb" * 12, "bb" * 12)
FAR = ReconcilePosition("x" * 1_100_000, "")
"""Four of them in a history, and the server asks for a new run."""


async def start(client: Client) -> WorkflowHandle[GraphReconcile, ReconcileCounts]:
    return await client.start_workflow(GraphReconcile.run, id=WORKFLOW_ID, task_queue=Queue.GRAPH)


async def test_every_page_is_compared_and_reported_once(client: Client, fakes: Fakes) -> None:
    fakes.graph_reconcile.compared.returns_next(lambda _: PageCompared(DRIFT, SECOND))

    tally = await (await start(client)).result()

    assert [ask.place for ask in fakes.graph_reconcile.compared.calls] == [ReconcilePosition(), SECOND]
    assert [(report.owner, report.tally) for report in fakes.graph_reconcile.reports_saved.calls] == [
        (WORKFLOW_ID, tally)
    ]
    assert tally == DRIFT + NO_DRIFT


async def test_number_of_nodes_that_may_go_is_that_of_all_pages(client: Client, fakes: Fakes) -> None:
    fakes.graph_reconcile.compared.returns_next(lambda _: PageCompared(DRIFT, SECOND, removed=60))

    await (await start(client)).result()

    assert [ask.may_remove for ask in fakes.graph_reconcile.compared.calls] == [MAX_REMOVED, MAX_REMOVED - 60]


async def test_graph_that_is_away_shows_until_it_is_back(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.graph_reconcile.compared.fail(NEO4J_AWAY, times=8)
    run = await start(client)

    await clock.advance(FIVE_QUIET_TRIES)
    during = (await run.describe()).typed_search_attributes.get(BLOCKED_ON)

    assert during == "neo4j"
    assert await clock.advance_until(run.result(), step=timedelta(seconds=30)) == NO_DRIFT


async def test_long_comparison_goes_on_in_a_new_run(client: Client, fakes: Fakes) -> None:
    fakes.graph_reconcile.compared.returns_next(*[lambda _: PageCompared(DRIFT, FAR, removed=1)] * 2)

    tally = await (await start(client)).result()

    (report,) = fakes.graph_reconcile.reports_saved.calls
    assert tally == report.tally == DRIFT + DRIFT + NO_DRIFT
    assert fakes.graph_reconcile.compared.calls[-1].may_remove == MAX_REMOVED - 2
    assert report.at < fakes.graph_reconcile.compared.calls[-1].now
