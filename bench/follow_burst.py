"""Ten thousand follows at once: the time until all are notified, and the sign-in latency meanwhile."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import httpx

from adapters.resources import Resources
from bench.raw_http_client import RawHttpClient
from bench.seeded_sessions import seed_sessions
from bench.timing import Figure, milliseconds
from bench.websocket_clients import ReceivedCounter, close_clients, open_clients
from domain.intents import IntentKind
from domain.paging import to_milliseconds
from tests.support.accounts import make_account

FOLLOWS = 10_000
FOLLOWEES = 100
PROMISED_SECONDS = 60.0
IDLE_SIGN_IN_COUNT = 15
MAX_SLOWDOWN = 4.0
"""Two cores run everything: the servers, the worker, the API and the clients."""

# The same edges as the follow statement creates, a thousand at a time.
FOLLOW = """
UNWIND $pairs AS pair
MERGE (by:User {user_id: pair[0]})
MERGE (whom:User {user_id: pair[1]})
CREATE (by)-[:FOLLOWING {from_id: pair[0], to_id: pair[1], created_at: $at, notify_open: $at}]->(whom)
"""


async def measure(api: httpx.AsyncClient, resources: Resources) -> list[Figure]:
    """Give a hundred users a hundred followers each, as fast as the graph writes them."""
    followed, followers = (
        await seed_sessions(resources, FOLLOWEES),
        list(await seed_sessions(resources, FOLLOWS // FOLLOWEES)),
    )
    received = ReceivedCounter()
    clients = await open_clients(str(api.base_url), list(followed.values()), received)
    wire, account = RawHttpClient(str(api.base_url)), await make_account(resources)
    sign_in = lambda: wire.post("/auth/login", account.person.credentials)  # noqa: E731 - one call, made twice
    idle = statistics.median(await milliseconds([sign_in] * IDLE_SIGN_IN_COUNT))
    began = time.perf_counter()
    arrived = asyncio.create_task(received.wait_for(FOLLOWS))
    await _follow(resources, followers, list(followed))
    waits: list[float] = []
    while not arrived.done():
        waits += await milliseconds([sign_in])
    taken = time.perf_counter() - began
    close_clients(clients)
    busy = statistics.median(waits)
    return [
        Figure("10 000 follows in a burst, until the last frame", taken, "promised", PROMISED_SECONDS, "s", 1.0, True),
        Figure("sign-in during the burst, p50", busy, "the same, idle", idle, "ms", MAX_SLOWDOWN, True),
    ]


async def _follow(resources: Resources, followers: Sequence[str], followed: Sequence[str]) -> None:
    """Write the follows and wake the notifications as the routes do, without HTTP."""
    at = to_milliseconds(datetime.now(UTC))
    for start in range(0, len(followed), 10):
        batch = followed[start : start + 10]
        pairs = [[follower, followee] for follower in followers for followee in batch]
        await resources.clients.neo4j.execute_query(FOLLOW, pairs=pairs, at=at)
        for followee in batch:
            resources.intent_waker.wake(IntentKind.FOLLOW_NOTIFICATIONS, followee)
    await resources.intent_waker.wait_until_idle()
