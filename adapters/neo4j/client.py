"""The Neo4j driver and the constraints of the graph. Neo4j is the truth for relationships."""

import asyncio
from collections.abc import Coroutine
from typing import Any, LiteralString

from neo4j import READ_ACCESS, AsyncDriver, AsyncGraphDatabase, AsyncManagedTransaction, Record
from neo4j.exceptions import ServiceUnavailable

CONNECTION_TIMEOUT_SECONDS = 2.0
MAX_RETRY_SECONDS = 3.0
"""The driver's own loop for a managed transaction; anything longer is Temporal's work."""

FIRST_PAUSE_SECONDS = 0.1
"""Before what two transactions made impossible for each other is tried again; the driver would wait a second."""

READ_TIMEOUT_SECONDS = 3.0
WRITE_TIMEOUT_SECONDS = 6.0
"""How long a caller waits: the driver itself waits for ever on an open connection to a silent server. A write has room
for the driver's own loop.
"""
PLAN_TIMEOUT_SECONDS = 60.0
"""How long an answer is waited for that nobody wants any more: a busy server that has just started takes this long for
its first plan of a statement, and throws it away with whoever gives up on it.
"""

_unfinished: set[asyncio.Task[Record | None]] = set()
"""The loop itself holds its tasks weakly."""

CONSTRAINTS = (
    "CREATE CONSTRAINT user_id IF NOT EXISTS FOR (u:User) REQUIRE u.user_id IS UNIQUE",
    "CREATE CONSTRAINT interest_key IF NOT EXISTS FOR (i:Interest) REQUIRE i.key IS UNIQUE",
    "CREATE FULLTEXT INDEX user_names IF NOT EXISTS FOR (u:User) ON EACH [u.username, u.display_name]",
    "CREATE CONSTRAINT following_once IF NOT EXISTS FOR ()-[f:FOLLOWING]-() REQUIRE (f.from_id, f.to_id) IS UNIQUE",
    "CREATE CONSTRAINT blocked_once IF NOT EXISTS FOR ()-[b:BLOCKED]-() REQUIRE (b.from_id, b.to_id) IS UNIQUE",
    "CREATE CONSTRAINT dismissed_once IF NOT EXISTS FOR ()-[d:DISMISSED]-() REQUIRE (d.from_id, d.to_id) IS UNIQUE",
    "CREATE INDEX paused_pair IF NOT EXISTS FOR ()-[p:FOLLOWING_PAUSED]-() ON (p.from_id, p.to_id)",
    "CREATE INDEX followers IF NOT EXISTS FOR ()-[f:FOLLOWING]-() ON (f.to_id, f.created_at, f.from_id)",
    "CREATE INDEX followings IF NOT EXISTS FOR ()-[f:FOLLOWING]-() ON (f.from_id, f.created_at, f.to_id)",
    "CREATE INDEX blocked IF NOT EXISTS FOR ()-[b:BLOCKED]-() ON (b.from_id, b.created_at, b.to_id)",
    "CREATE INDEX notify_open IF NOT EXISTS FOR ()-[f:FOLLOWING]-() ON (f.notify_open)",
    "CREATE INDEX owed_follows IF NOT EXISTS FOR ()-[f:FOLLOWING]-() ON (f.to_id, f.notify_open)",
)


def open_neo4j(url: str, *, user: str, password: str) -> AsyncDriver:
    """A driver that connects when first used and gives up on an absent server after 2 s."""
    return AsyncGraphDatabase.driver(
        url,
        auth=(user, password),
        connection_timeout=CONNECTION_TIMEOUT_SECONDS,
        connection_acquisition_timeout=CONNECTION_TIMEOUT_SECONDS,
        max_transaction_retry_time=MAX_RETRY_SECONDS,
        initial_retry_delay=FIRST_PAUSE_SECONDS,
        telemetry_disabled=True,
        notifications_min_severity="OFF",
    )


async def ensure_constraints(driver: AsyncDriver) -> None:
    """Create what is missing. Run at worker start; running it again changes nothing."""
    async with driver.session() as session:
        for constraint in CONSTRAINTS:
            await (await session.run(constraint)).consume()


async def read_one(driver: AsyncDriver, statement: LiteralString, **values: object) -> Record | None:
    """The one record of a read, in time for somebody who waits for it."""

    async def read() -> Record | None:
        async with driver.session(default_access_mode=READ_ACCESS) as session:
            return await (await session.run(statement, values)).single()

    return await _within_timeout(read(), READ_TIMEOUT_SECONDS)


async def change_one(driver: AsyncDriver, statement: LiteralString, **values: object) -> Record | None:
    """The one record of a write, in time for somebody who waits for it. After an error it may have happened or not,
    and may still happen: it has to be one that can be repeated.
    """
    return await _within_timeout(write_one(driver, statement, **values), WRITE_TIMEOUT_SECONDS)


async def write_one(driver: AsyncDriver, statement: LiteralString, **values: object) -> Record | None:
    """The one record of a write, in a transaction of its own that the driver repeats for a few seconds."""

    async def work(transaction: AsyncManagedTransaction) -> Record | None:
        return await (await transaction.run(statement, values)).single()

    async with driver.session() as session:
        return await session.execute_write(work)


async def _within_timeout(work: Coroutine[Any, Any, Record | None], seconds: float) -> Record | None:
    """What it gives, or ServiceUnavailable. It goes on after that, so that its plan is there for the next."""
    task = asyncio.create_task(asyncio.wait_for(work, PLAN_TIMEOUT_SECONDS))
    _unfinished.add(task)
    task.add_done_callback(_finished)
    done, _ = await asyncio.wait([task], timeout=seconds)
    if not done:
        raise ServiceUnavailable("no answer in time")
    return task.result()


def _finished(task: asyncio.Task[Record | None]) -> None:
    _unfinished.discard(task)
    if not task.cancelled():
        task.exception()  # Whoever still waits for it meets the error; else it is nobody's.


async def ping(driver: AsyncDriver) -> None:
    """One round trip. Raises the driver's error."""
    async with driver.session(default_access_mode=READ_ACCESS) as session:
        await (await session.run("RETURN 1")).consume()
