"""A thousand open chats, and a message to one after the other at a fixed rate, however long the answers take."""

import asyncio
import time
from collections.abc import Sequence

from bench.bench import Bench
from bench.chat_clients import ChatClient, all_chatting
from bench.figure import Figure, grouped
from bench.idle_sockets import many_files
from bench.load.crowd import Visits
from bench.load.marks import p95
from bench.load.streaming import STARTED_MS, Stream, heard
from bench.seeded_sessions import seed_sessions

CHATS, PER_SECOND = 1000, 25
TEXT = "hello"
LOST_SECONDS = 300.0
"""A slow answer is not a lost one."""


async def measure(bench: Bench) -> Sequence[Figure]:
    """Measure with the limits of production: each person says one thing, or two."""
    seconds = bench.rounds(60, 10)
    tokens = (await seed_sessions(bench.resources, CHATS)).values()
    with many_files():
        async with all_chatting(bench.url, tokens) as clients:
            visits = await play(clients, per_second=PER_SECOND, count=PER_SECOND * seconds)
    return rows(visits, f"{PER_SECOND} messages/s in {grouped(CHATS)} open chats")


async def play(clients: Sequence[ChatClient], *, per_second: float, count: int) -> Visits[Stream]:
    """Send so many messages, each when it is due, to one chat after the other, and listen to all answers."""
    visits, began = Visits[Stream](LOST_SECONDS), time.perf_counter()
    async with asyncio.TaskGroup() as listening:
        for number in range(count):
            await asyncio.sleep(began + number / per_second - time.perf_counter())
            listening.create_task(visits.take(heard(clients[number % len(clients)], TEXT)))
    return visits


def rows(visits: Visits[Stream], what: str) -> list[Figure]:
    """Return the rows of what was played."""
    return [
        p95(
            f"{what}, answer begun",
            [stream.started_ms for stream in visits.done],
            STARTED_MS,
            "the processors: the row of whole turns says how many turns a second they can do at most.",
        ),
        visits.all_done(f"{what}, answers that ended with all of their text", "messages"),
    ]
