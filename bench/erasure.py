"""Erasure of a user with 100,000 followers, compared with one statement that deletes as many edges in batches."""

import os
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import LiteralString

from neo4j import AsyncDriver

from activities.accounts.erasure import BATCH_SIZE
from adapters.resources import Resources
from bench.bench import Bench
from bench.figure import Figure, Limit, at_least_times, at_most
from bench.memory import resident_mb

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


async def measure(bench: Bench) -> list[Figure]:
    """Return followers per second, and the growth of this process's memory in MB."""
    resources, driver = bench.resources, bench.resources.clients.neo4j
    followers = bench.rounds(FOLLOWERS, FOLLOWERS // 10)
    bare, _ = await _timed(driver, followers, lambda user_id: _run(driver, ERASE_AT_ONCE, user_id=user_id))
    ours, grown = await _timed(driver, followers, lambda user_id: _erase(resources, user_id))
    await _run(driver, REMOVE_FANS)
    return [
        Figure(
            what=f"erasure of a user with {followers} followers",
            ours=followers / ours,
            unit="/s",
            limit=Limit("one batched statement", followers / bare),
            want=at_least_times(0.5),
            because="Neo4j's deletion of edges; our batches of a thousand are as large as those of the one statement.",
        ),
        Figure(
            what=f"erasure of a user with {followers} followers, memory",
            ours=grown,
            unit="MB",
            want=at_most(MEMORY_MB),
            because="nothing: only the number of deleted edges comes back, batch by batch.",
        ),
    ]


async def _timed(driver: AsyncDriver, followers: int, erase: Callable[[str], Awaitable[None]]) -> tuple[float, float]:
    """Return seconds and growth in MB for erasing a new user with its followers."""
    user_id = secrets.token_hex(12)
    await _run(driver, MAKE, user_id=user_id, followers=followers)
    before, began = resident_mb(os.getpid()), time.perf_counter()
    await erase(user_id)
    return time.perf_counter() - began, resident_mb(os.getpid()) - before


async def _erase(resources: Resources, user_id: str) -> None:
    while await resources.accounts.personal_node.erase(user_id, limit=BATCH_SIZE):
        pass


async def _run(driver: AsyncDriver, statement: LiteralString, **values: object) -> None:
    async with driver.session() as session:
        await (await session.run(statement, values)).consume()
