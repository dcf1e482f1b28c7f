"""Erasure of a user with 100,000 followers, compared with one statement that deletes as many edges in batches."""

import os
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import LiteralString

from neo4j import AsyncDriver

from activities.accounts.erasure import BATCH_SIZE
from adapters.resources import Resources
from bench.memory import resident_mb
from bench.timing import Figure

FOLLOWERS = 100_000
MEMORY_MB = 5.0

MAKE = """
UNWIND range(1, $followers) AS n
CALL (n) {
  MERGE (u:User {user_id: $user_id})
  CREATE (fan:BenchFan)-[:FOLLOWING {from_id: $user_id + toString(n), to_id: $user_id, created_at: n}]->(u)
} IN TRANSACTIONS OF 10000 ROWS
"""
ERASE_AT_ONCE = """
MATCH (u:User {user_id: $user_id})-[edge]-() CALL (edge) { DELETE edge } IN TRANSACTIONS OF 1000 ROWS
"""
REMOVE_FANS = "MATCH (fan:BenchFan) CALL (fan) { DETACH DELETE fan } IN TRANSACTIONS OF 10000 ROWS"


async def measure(resources: Resources) -> list[Figure]:
    """Return followers per second, and the growth of this process's memory in MB."""
    driver = resources.clients.neo4j
    bare, _ = await _timed(driver, lambda user_id: _run(driver, ERASE_AT_ONCE, user_id=user_id))
    ours, grown = await _timed(driver, lambda user_id: _erase(resources, user_id))
    await _run(driver, REMOVE_FANS)
    return [
        Figure(
            what="erasure of 100 000 followers",
            ours=FOLLOWERS / ours,
            limit_is="one batched statement",
            limit=FOLLOWERS / bare,
            unit="/s",
            want=0.5,
            is_at_most=False,
        ),
        Figure(
            what="erasure of 100 000 followers, memory",
            ours=grown,
            limit_is="flat",
            limit=MEMORY_MB,
            unit="MB",
            want=1.0,
            is_at_most=True,
        ),
    ]


async def _timed(driver: AsyncDriver, erase: Callable[[str], Awaitable[None]]) -> tuple[float, float]:
    """Return seconds and growth in MB for erasing a new user with its followers."""
    user_id = secrets.token_hex(12)
    await _run(driver, MAKE, user_id=user_id, followers=FOLLOWERS)
    before, began = resident_mb(os.getpid()), time.perf_counter()
    await erase(user_id)
    return time.perf_counter() - began, resident_mb(os.getpid()) - before


async def _erase(resources: Resources, user_id: str) -> None:
    while await resources.accounts.personal_node.erase(user_id, limit=BATCH_SIZE):
        pass


async def _run(driver: AsyncDriver, statement: LiteralString, **values: object) -> None:
    async with driver.session() as session:
        await (await session.run(statement, values)).consume()
