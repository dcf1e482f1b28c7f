"""Ten thousand follows at once: the time until all are notified, and the sign-in latency meanwhile."""

import asyncio
import itertools
import statistics
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial

from adapters.resources import Resources
from bench.bench import Bench
from bench.figure import Figure, Limit, at_most, at_most_times
from bench.raw_http_client import RawHttpClient
from bench.seeded_sessions import seed_sessions
from bench.timing import Call, milliseconds
from bench.visitors import Visitor, make_visitors
from bench.websocket_clients import ReceivedCounter, close_clients, open_clients
from domain.intents import IntentKind
from domain.paging import to_milliseconds

FOLLOWS = 10_000
FOLLOWEES = 100
PROMISED_SECONDS = 60.0
SIGN_INS, IDLE_SIGN_IN_COUNT = 40, 15
MAX_SLOWDOWN = 4.0
"""Two cores run everything: the servers, the worker, the API and the clients."""

# The same edges as the follow statement creates, a thousand at a time.
FOLLOW = """
UNWIND $pairs AS pair
MERGE (by:User {user_id: pair[0]})
MERGE (whom:User {user_id: pair[1]})
CREATE (by)-[:FOLLOWING {from_id: pair[0], to_id: pair[1], created_at: $at, notify_open: $at}]->(whom)
"""


async def measure(bench: Bench) -> list[Figure]:
    """Give a hundred users a hundred followers each, as fast as the graph writes them."""
    resources, follows = bench.resources, bench.rounds(FOLLOWS, FOLLOWS // 10)
    followed = await seed_sessions(resources, FOLLOWEES)
    followers = list(await seed_sessions(resources, follows // FOLLOWEES))
    sign_ins = _sign_ins(bench.url, await make_visitors(resources, SIGN_INS))
    received = ReceivedCounter()
    clients = await open_clients(bench.url, list(followed.values()), received)
    idle = statistics.median(await milliseconds(itertools.islice(sign_ins, IDLE_SIGN_IN_COUNT)))
    began = time.perf_counter()
    arrived = asyncio.create_task(received.wait_for(follows))
    await _follow(resources, followers, list(followed))
    waits: list[float] = []
    while not arrived.done():
        waits += await milliseconds([next(sign_ins)])
    taken = time.perf_counter() - began
    close_clients(clients)
    return [
        Figure(
            what=f"{follows} follows in a burst, until the last frame",
            ours=taken,
            unit="s",
            want=at_most(PROMISED_SECONDS),
            because="Neo4j's statement that reads the open edges of a batch, and MongoDB's transaction that stores it.",
        ),
        Figure(
            what="sign-in during the burst, p50",
            ours=statistics.median(waits),
            unit="ms",
            limit=Limit("the same, idle", idle),
            want=at_most_times(MAX_SLOWDOWN),
            because="the processors: the burst has both cores busy.",
        ),
    ]


def _sign_ins(url: str, people: Sequence[Visitor]) -> Iterator[Call]:
    """Yield sign-ins without end, by one after the other."""
    http = RawHttpClient(url)
    for someone in itertools.cycle(people):
        yield partial(http.post, "/auth/login", someone.person.credentials, address=someone.address)


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
