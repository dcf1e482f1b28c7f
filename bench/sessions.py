"""Session refresh, compared with the compare-and-set that it consists of."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

import httpx
from bson import ObjectId

from adapters.resources import Resources
from bench.raw_http_client import RawHttpClient
from bench.sign_in import refreshing
from bench.timing import Call, Figure, load, per_second
from tests.support.accounts import make_account

CONCURRENCY = 8
SECONDS = 5.0
REFRESH_CPU_MS = 1.0


async def measure(api: httpx.AsyncClient, resources: Resources, pids: Sequence[int]) -> list[Figure]:
    """Return refreshes per second over HTTP, with eight concurrent sessions. `pids`: the API and the stores."""
    people = [await make_account(resources) for _ in range(CONCURRENCY)]
    bare = await per_second(lambda: _compare_and_set(resources), at_once=CONCURRENCY, seconds=SECONDS)
    url = str(api.base_url)
    ours = await load(lambda: refreshing(RawHttpClient(url), people.pop()), pids, at_once=CONCURRENCY, seconds=SECONDS)
    return [
        Figure(
            what="session refresh, 8 at once",
            ours=ours.per_second,
            limit_is="bare compare-and-set by the same driver",
            limit=bare,
            unit="/s",
            want=0.5,
            is_at_most=False,
        ),
        Figure(
            what="session refresh, CPU of API and stores",
            ours=ours.cpu_ms,
            limit_is="promised",
            limit=REFRESH_CPU_MS,
            unit="ms",
            want=1.0,
            is_at_most=True,
        ),
    ]


def _compare_and_set(resources: Resources) -> Call:
    collection = resources.clients.database["bench_generations"]
    key, generation = ObjectId(secrets.token_hex(12)), 0

    async def step() -> None:
        nonlocal generation
        await collection.find_one_and_update(
            {"_id": key, "generation": generation} if generation else {"_id": key},
            {"$inc": {"generation": 1}, "$set": {"updatedAt": datetime.now(UTC)}},
            upsert=generation == 0,
        )
        generation += 1

    return step
