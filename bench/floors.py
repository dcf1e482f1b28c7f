"""What the parts cost that no path can do without: one Argon2id hash, one workflow that does nothing, one bare edge."""

import os
import time
from dataclasses import dataclass

from adapters.neo4j.client import write_one
from adapters.resources import Resources
from bench import baseline_workflow as empty
from bench.bench import Bench
from bench.cpu import cpu_ms
from bench.graphs import LATEST_MS
from bench.timing import Call, all_of
from tests.support.accounts import hash_of
from tests.support.people import PASSWORD

HASHES_AT_ONCE = 8
"""As many as sign in at once: both cores are hashing, as they are then."""

BASELINE_FOLLOW = """
MATCH (a:User {user_id: $a})
MATCH (b:User {user_id: $b})
CREATE (a)-[:FOLLOWING {from_id: $a, to_id: $b, created_at: $at}]->(b)
"""


@dataclass(frozen=True)
class HashCost:
    """Argon2id in the product's own pool: CPU of one, and how many a second."""

    cpu_ms: float
    per_second: float


async def one_hash(bench: Bench) -> HashCost:
    """Verify passwords in the product's pool, in this process, with a queue before it."""
    count, encoded, hasher = bench.rounds(150, 40), hash_of(PASSWORD), bench.resources.auth.password_hasher
    calls = [lambda: hasher.is_correct(PASSWORD, encoded)] * count
    before, began = cpu_ms([os.getpid()]), time.perf_counter()
    await all_of(calls, at_once=HASHES_AT_ONCE)
    return HashCost((cpu_ms([os.getpid()]) - before) / count, count / (time.perf_counter() - began))


async def empty_flow_cpu(bench: Bench, *, at_once: int) -> float:
    """Return the CPU of one empty update-with-start: the server's, and that of client and worker, which are here."""
    count = bench.rounds(60, 24)
    async with empty.worker(bench.resources.temporal):
        calls = [lambda: empty.update_with_start(bench.resources.temporal)] * count
        await all_of(calls[:at_once], at_once=at_once)
        return (await bench.meter.spent(count, all_of(calls, at_once=at_once), with_client=True)).total


def bare_follow(resources: Resources, one: str, other: str) -> Call:
    """Return a call that writes the edge alone, between two existing nodes, by the same driver."""
    return lambda: write_one(resources.clients.neo4j, BASELINE_FOLLOW, a=one, b=other, at=LATEST_MS)
