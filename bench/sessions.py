"""Session refresh beside the compare-and-set that it is made of."""

import secrets
from datetime import UTC, datetime

import httpx
from bson import ObjectId

from adapters.resources import Resources
from bench.timing import Call, Figure, per_second
from bench.wire import Wire
from tests.mailbox import Mailbox
from tests.people import register

AT_ONCE = 8
SECONDS = 5.0


async def measure(api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources) -> list[Figure]:
    """Refreshes per second over HTTP, eight sessions side by side."""
    sessions = [(await register(api, mailbox)).session for _ in range(AT_ONCE)]
    bare = await per_second(lambda: _compare_and_set(resources), at_once=AT_ONCE, seconds=SECONDS)
    ours = await per_second(
        lambda: _refreshing(Wire(str(api.base_url)), sessions.pop()), at_once=AT_ONCE, seconds=SECONDS
    )
    return [
        Figure(
            what="session refresh, 8 at once",
            ours=ours,
            limit_is="bare compare-and-set by the same driver",
            limit=bare,
            unit="/s",
            want=0.5,
            is_at_most=False,
        )
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


def _refreshing(wire: Wire, session: dict[str, str]) -> Call:
    token = session["session_token"]

    async def step() -> None:
        nonlocal token
        answer = await wire.post("/auth/session/refresh", {"session_token": token})
        token = answer["data"]["session_token"]

    return step
