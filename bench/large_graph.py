"""The figures of a large graph, each with its limit: `python -m bench.large_graph [people follows]`.

On its own stack with a large Neo4j: by default 100,000 users, five million follows, and one user with a
million followers. Generating them takes minutes.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from adapters.resources import open_resources
from bench import graph_maintenance as upkeep
from bench import graphs, relations
from bench.bench_stack import large_stack, running
from bench.figure import Figure
from bench.graphs import Plan
from bench.report import plain_row
from config.settings import load_settings
from devstack.stack import Stack
from workers.schedules import FOLLOWER_SNAPSHOTS, GRAPH_RECONCILE

LARGE = relations.PLAN
QUICK, QUICK_FOLLOWER_COUNTS = Plan(5_000, 100_000, LARGE.interests), (100, 1_000, 10_000)


def measure(is_quick: bool) -> Sequence[Figure]:
    """Measure the graph of the report, or a small one."""
    return figures(QUICK, QUICK_FOLLOWER_COUNTS) if is_quick else figures()


def figures(plan: Plan = LARGE, follower_counts: Sequence[int] = relations.FOLLOWER_COUNTS) -> Sequence[Figure]:
    """Start the stack, generate the graph, measure, and delete everything."""
    stack = large_stack("bench-large")
    with running(stack):
        return asyncio.run(_figures(stack, plan, follower_counts))


async def _figures(stack: Stack, plan: Plan, follower_counts: Sequence[int]) -> Sequence[Figure]:
    async with open_resources(load_settings(), service="worker") as resources:
        for schedule_id in (GRAPH_RECONCILE, FOLLOWER_SNAPSHOTS):
            await resources.temporal.get_schedule_handle(schedule_id).pause()
        await graphs.load_accounts(resources.clients.database, plan)
        rebuilt = await upkeep.rebuild(resources, plan)
        await graphs.load_edges(resources.clients.neo4j, plan)
        snapshots = await upkeep.snapshots(resources, plan, stack.pid("worker"))
        return [*rebuilt, *snapshots, *await relations.measure(resources, plan, follower_counts)]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.large_graph", description=__doc__)
    parser.add_argument("people", nargs="?", type=int, default=LARGE.people)
    parser.add_argument("follows", nargs="?", type=int, default=LARGE.follows)
    chosen = parser.parse_args()
    found = figures(Plan(chosen.people, chosen.follows, LARGE.interests))
    sys.stdout.writelines(f"{plain_row(figure)}\n" for figure in found)
    return 0 if all(figure.is_met for figure in found) else 1


if __name__ == "__main__":
    sys.exit(main())
