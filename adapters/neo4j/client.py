"""The Neo4j driver and the constraints of the graph. Neo4j is the source of truth for relationships."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, LiteralString

from neo4j import READ_ACCESS, AsyncDriver, AsyncGraphDatabase, AsyncManagedTransaction, Record
from neo4j.exceptions import DriverError, Neo4jError, ServiceUnavailable

CONNECTION_TIMEOUT_SECONDS = 2.0
MAX_RETRY_SECONDS = 3.0
"""Limit of our retry loop around an idempotent write, and of the driver's own around a managed transaction. Longer
retries are left to Temporal.
"""

FIRST_PAUSE_SECONDS = 0.1
"""Delay before the first retry of a write that conflicted with another. The driver's default is 1 s."""

READ_TIMEOUT_SECONDS = 3.0
WRITE_TIMEOUT_SECONDS = 6.0
"""How long a caller waits: the driver has no read timeout on an open connection to a server that does not answer. The
write timeout leaves room for the retry loop.
"""
AT_ONCE_TIMEOUT_SECONDS = 1.0
PLAN_TIMEOUT_SECONDS = 60.0
"""How long a query runs on after its caller has timed out: a busy server that has just started takes this long to plan
a statement for the first time, and discards the plan when the client gives up.
"""

_unfinished: set[asyncio.Task[Record | None]] = set()
"""Strong references to running tasks: the event loop holds only weak ones."""

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
    """Return a driver that connects on first use and gives up on an unreachable server after 2 s."""
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
    """Create the missing constraints and indexes. Idempotent; run at worker start. Raises the driver's errors."""
    async with driver.session() as session:
        for constraint in CONSTRAINTS:
            await (await session.run(constraint)).consume()


async def read_one(driver: AsyncDriver, statement: LiteralString, **values: object) -> Record | None:
    """Return the single record of a read, None without one.

    Raises ServiceUnavailable after READ_TIMEOUT_SECONDS, and the driver's errors.
    """

    async def read() -> Record | None:
        async with driver.session(default_access_mode=READ_ACCESS) as session:
            return await (await session.run(statement, values)).single()

    return await _within_timeout(read(), READ_TIMEOUT_SECONDS)


async def change_one(driver: AsyncDriver, statement: LiteralString, **values: object) -> Record | None:
    """Do what `write_idempotent` does, for a caller who waits: after an error the write may have been applied, or may
    still be.

    Raises ServiceUnavailable after WRITE_TIMEOUT_SECONDS, and the driver's errors.
    """
    return await _within_timeout(write_idempotent(driver, statement, **values), WRITE_TIMEOUT_SECONDS)


async def change_at_once(driver: AsyncDriver, statement: LiteralString, **values: object) -> None:
    """Write like `change_one`, where a later write makes up for it: no longer than AT_ONCE_TIMEOUT_SECONDS."""
    await _within_timeout(write_idempotent(driver, statement, **values), AT_ONCE_TIMEOUT_SECONDS)


async def write_idempotent(driver: AsyncDriver, statement: LiteralString, **values: object) -> Record | None:
    """Return the single record of a write, None without one. The statement is a transaction by itself, committed with
    its answer: one round trip instead of two.

    After a conflict or a broken connection, which may have been applied, it is run again, for MAX_RETRY_SECONDS. So it
    must leave the graph the same when it runs twice, and its record must do for a caller of whom only the second run is
    known: "nothing changed" may then mean that the first one did. Any other statement belongs in `write_one`.

    Raises the driver's errors.
    """
    give_up_at, pause = time.monotonic() + MAX_RETRY_SECONDS, FIRST_PAUSE_SECONDS
    while True:
        try:
            async with driver.session() as session:
                return await (await session.run(statement, values)).single()
        except (DriverError, Neo4jError) as error:
            if not error.is_retryable() or time.monotonic() + pause > give_up_at:
                raise
        await asyncio.sleep(pause)
        pause *= 2


async def write_one(driver: AsyncDriver, statement: LiteralString, **values: object) -> Record | None:
    """Return the single record of a write, None without one. For a write whose record counts what it did: it has a
    managed transaction, which the driver retries for MAX_RETRY_SECONDS unless it may have been committed.

    Raises the driver's errors.
    """

    async def work(transaction: AsyncManagedTransaction) -> Record | None:
        return await (await transaction.run(statement, values)).single()

    async with driver.session() as session:
        return await session.execute_write(work)


async def _within_timeout(work: Coroutine[Any, Any, Record | None], seconds: float) -> Record | None:
    """Return the result of `work`. Raises ServiceUnavailable after `seconds`; `work` then runs on, so that the server
    caches the plan for the next call.
    """
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
        task.exception()  # Retrieved, or asyncio would log the error of a task whose caller has timed out.


async def ping(driver: AsyncDriver) -> None:
    """Check the connection with one round trip. Raises the driver's errors."""
    async with driver.session(default_access_mode=READ_ACCESS) as session:
        await (await session.run("RETURN 1")).consume()
