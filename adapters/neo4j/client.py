"""The Neo4j driver and the constraints of the graph. Neo4j is the truth for relationships."""

import asyncio
from typing import LiteralString

from neo4j import READ_ACCESS, AsyncDriver, AsyncGraphDatabase, Record
from neo4j.exceptions import ServiceUnavailable

CONNECTION_SECONDS = 2.0
RETRY_SECONDS = 3.0
"""The driver's own loop for a managed transaction; anything longer is Temporal's work."""

READ_SECONDS = 3.0
"""Room for the first plan of a statement on a server that has just started."""

CONSTRAINTS = (
    "CREATE CONSTRAINT user_id IF NOT EXISTS FOR (u:User) REQUIRE u.user_id IS UNIQUE",
    "CREATE FULLTEXT INDEX user_names IF NOT EXISTS FOR (u:User) ON EACH [u.username, u.display_name]",
    "CREATE CONSTRAINT following_once IF NOT EXISTS FOR ()-[f:FOLLOWING]-() REQUIRE (f.from_id, f.to_id) IS UNIQUE",
)


def open_neo4j(url: str, *, user: str, password: str) -> AsyncDriver:
    """A driver that connects when first used and gives up on an absent server after 2 s."""
    return AsyncGraphDatabase.driver(
        url,
        auth=(user, password),
        connection_timeout=CONNECTION_SECONDS,
        connection_acquisition_timeout=CONNECTION_SECONDS,
        max_transaction_retry_time=RETRY_SECONDS,
        telemetry_disabled=True,
        notifications_min_severity="OFF",
    )


async def ensure_constraints(driver: AsyncDriver) -> None:
    """Create what is missing. Run at worker start; running it again changes nothing."""
    async with driver.session() as session:
        for constraint in CONSTRAINTS:
            await (await session.run(constraint)).consume()


async def read_one(driver: AsyncDriver, statement: LiteralString, **values: object) -> Record | None:
    """The one record of a read. The driver waits for ever on an open connection to a silent server; we do not."""
    try:
        async with asyncio.timeout(READ_SECONDS), driver.session(default_access_mode=READ_ACCESS) as session:
            return await (await session.run(statement, values)).single()
    except TimeoutError:
        raise ServiceUnavailable("no answer in time") from None


async def ping(driver: AsyncDriver) -> None:
    """One round trip. Raises the driver's error."""
    async with driver.session(default_access_mode=READ_ACCESS) as session:
        await (await session.run("RETURN 1")).consume()
