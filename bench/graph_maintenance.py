"""The jobs over all users of the graph: the rebuild from MongoDB, and the daily follower snapshots."""

import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import LiteralString

from neo4j import READ_ACCESS, AsyncDriver

from activities.social.follower_snapshots import USERS_PER_PAGE
from adapters.neo4j.social.followers import FOLLOWERS_OF_MANY
from adapters.resources import Resources
from bench.figure import Figure, Limit, at_least, at_least_times, at_most_times
from bench.graphs import Plan
from bench.memory import sample_memory
from domain.social.follower_snapshots import MAX_IDS_PER_SLICE
from workflows.operations.graph_rebuild import GraphRebuild
from workflows.queues import Queue
from workflows.social.follower_snapshots import FollowerSnapshots, SnapshotsInput, SnapshotsProgress

USERS_PER_SECOND = 5_000.0
ONE_DAY = timedelta(days=1)
PART_AT_RANDOM = """
MATCH (u:User)-[follow:FOLLOWING]->() WHERE u.user_id > '' AND rand() < 0.01
CALL (follow) { DELETE follow } IN TRANSACTIONS OF 5000 ROWS
"""


async def rebuild(resources: Resources, plan: Plan) -> list[Figure]:
    """Return users per second for a rebuild of an empty graph."""
    began = time.perf_counter()
    rebuilt = await resources.temporal.execute_workflow(
        GraphRebuild.run, id=f"graph-rebuild-{secrets.token_hex(8)}", task_queue=Queue.GRAPH
    )
    taken = time.perf_counter() - began
    assert rebuilt.users == plan.people
    return [
        Figure(
            what="graph rebuilt from nothing",
            ours=rebuilt.users / taken,
            unit="users/s",
            want=at_least(USERS_PER_SECOND),
            because="a batch is read, written and checked for erased accounts before the next one is begun.",
        )
    ]


async def snapshots(resources: Resources, plan: Plan, worker_pid: int) -> list[Figure]:
    """Return users per second on three nights: the first, one without a change, one after 1 % of the follows ended;
    and the worker's memory on the first night, which needs most.
    """
    await _baseline_read(resources.clients.neo4j)
    bare = plan.people / await _baseline_read(resources.clients.neo4j)
    tonight = datetime.now(UTC)
    async with sample_memory(worker_pid) as memory:
        first = plan.people / await _night(resources, tonight)
    quiet = plan.people / await _night(resources, tonight + ONE_DAY)
    await _run(resources.clients.neo4j, PART_AT_RANDOM)
    busy = plan.people / await _night(resources, tonight + 2 * ONE_DAY)
    earlier, later = memory.halves
    return [
        _rate("snapshot, first night", first, bare),
        _rate("snapshot, nothing has changed", quiet, bare),
        _rate("snapshot, one follow in a hundred has gone", busy, bare),
        Figure(
            what="snapshot, worker's memory, second half",
            ours=later,
            unit="MB",
            limit=Limit("first half", earlier),
            want=at_most_times(1.05),
            because="nothing that grows: a page of users at a time.",
        ),
    ]


async def _baseline_read(driver: AsyncDriver) -> float:
    """Return the seconds to read all followers and discard them. The first call warms the server's caches."""
    began = time.perf_counter()
    last = await _baseline_page(driver, "")
    while last:
        last = await _baseline_page(driver, last)
    return time.perf_counter() - began


async def _baseline_page(driver: AsyncDriver, after: str) -> str | None:
    async with driver.session(default_access_mode=READ_ACCESS) as session:
        page = await session.run(FOLLOWERS_OF_MANY, after_id=after, people=USERS_PER_PAGE, most=MAX_IDS_PER_SLICE)
        people = (await page.single(strict=True))["people"]
    return str(people[-1][0]) if people else None


async def _night(resources: Resources, night: datetime) -> float:
    """Return the seconds for the snapshots of all users."""
    began = time.perf_counter()
    order = SnapshotsInput(so_far=SnapshotsProgress(night.date().isoformat()))
    report = await resources.temporal.execute_workflow(
        FollowerSnapshots.run, order, id=f"follower-snapshots-{secrets.token_hex(8)}", task_queue=Queue.BULK
    )
    assert not report.unreadable
    return time.perf_counter() - began


async def _run(driver: AsyncDriver, statement: LiteralString) -> None:
    async with driver.session() as session:
        await (await session.run(statement)).consume()


def _rate(what: str, ours: float, bare: float) -> Figure:
    return Figure(
        what=what,
        ours=ours,
        unit="users/s",
        limit=Limit("the bare Cypher, batched", bare),
        want=at_least_times(0.6),
        because="the cores: a page is read by that Cypher while the page before is packed and written to MongoDB.",
    )
