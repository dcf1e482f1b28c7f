"""After thousands of random actions with faults, MongoDB and Neo4j agree: the comparison reports no drift.

The worker is killed twice, Neo4j is stopped once, and accounts are erased, while random actors go on. The final content
of both stores is also compared here, field by field.
"""

import asyncio
import random
import secrets
import signal
from dataclasses import asdict

import pytest

from adapters.resources import Resources
from devstack.stack import Stack
from domain.operations.graph_reconcile import ReconcileCounts
from tests.faults.outages import away, healthy, send_signal
from tests.faults.random_graph_actors import RandomActors
from tests.support.polling import eventually
from tests.support.soak import count_of
from workflows.operations.graph_reconcile import GraphReconcile
from workflows.queues import Queue

USERS = 120
ACTIONS = count_of(10_000, share=10)
NODES = "MATCH (u:User) WHERE u.user_id IN $ids RETURN u.user_id AS id, properties(u) AS facts"
FORBIDDEN = """
MATCH (a:User)-[edge:FOLLOWING|FOLLOWING_PAUSED]->(b:User) WHERE a.user_id IN $ids
RETURN sum(CASE WHEN EXISTS { (a)-[:BLOCKED]-(b) } THEN 1 ELSE 0 END) AS beside_blocks,
  sum(CASE WHEN (type(edge) = 'FOLLOWING') <> (a.is_active AND b.is_active) THEN 1 ELSE 0 END) AS out_of_place,
  count(edge) AS edges
"""


@pytest.fixture
async def actors(resources: Resources) -> RandomActors:
    """Random actors in a graph that agrees with the accounts, whatever other tests have left behind."""
    await eventually(lambda: is_agreed(resources), within=60)
    seed = secrets.randbits(32)
    actors = RandomActors(resources, random.Random(seed))  # noqa: S311 - a simulation, its seed is printed below
    print(f"seed: {seed}")  # noqa: T201 - shown when the test fails
    await actors.create_users(USERS)
    return actors


async def compared(resources: Resources) -> ReconcileCounts:
    workflow_id = f"graph-reconcile-{secrets.token_hex(8)}"
    tally: ReconcileCounts = await resources.temporal.execute_workflow(
        GraphReconcile.run, id=workflow_id, task_queue=Queue.GRAPH
    )
    return tally


async def is_agreed(resources: Resources) -> bool:
    tally = await compared(resources)
    return tally.missing + tally.extra + tally.stale == 0


async def profiles(resources: Resources, user_ids: list[str]) -> dict[str, dict[str, object]]:
    """The expected content of the nodes; the graph stores no null."""
    found = (await resources.operations.projected_accounts.profiles(user_ids)).users
    return {each.user_id: {name: value for name, value in asdict(each).items() if value is not None} for each in found}


async def faults(stack: Stack, actors: RandomActors) -> None:
    """Each after so many actions."""

    async def reach(count: int) -> None:
        async def is_reached() -> bool:
            return actors.done >= count

        await eventually(is_reached, within=300)

    await reach(ACTIONS // 5)
    send_signal(stack, "worker", signal.SIGKILL)
    await reach(ACTIONS // 3)
    async with away(stack, "neo4j"):
        await actors.erase_users(5)
    await reach(2 * ACTIONS // 3)
    await healthy(stack)
    send_signal(stack, "worker", signal.SIGKILL)
    await actors.erase_users(5)


async def test_after_random_actions_with_faults_both_stores_agree(
    stack: Stack, resources: Resources, actors: RandomActors
) -> None:
    await asyncio.gather(actors.act(ACTIONS), faults(stack, actors))
    await healthy(stack)
    await actors.settle_intents()

    tally = await compared(resources)

    existing = [*actors.active, *actors.inactive]
    found = await resources.clients.neo4j.execute_query(NODES, ids=[*existing, *actors.erased])
    edges = (await resources.clients.neo4j.execute_query(FORBIDDEN, ids=existing)).records[0]
    assert (tally.missing, tally.extra, tally.stale, tally.repaired) == (0, 0, 0, 0)
    assert {record["id"]: record["facts"] for record in found.records} == await profiles(resources, existing)
    assert (edges["beside_blocks"], edges["out_of_place"]) == (0, 0)
    assert edges["edges"] > 100
    assert len(actors.erased) == 10
    assert actors.refused > 0
