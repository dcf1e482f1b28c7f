"""People who open a socket of the assistant, stay for a moment, and come again."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from bench.bench import Bench
from bench.chat_clients import PATH, greeted, opened
from bench.figure import Figure
from bench.load.crowd import Ramp, Visits, ramped
from bench.load.marks import ms_since, p95
from bench.seeded_sessions import seed_sessions

FIRST, MOST = 50, 200
STAY_SECONDS = 5.0
OPENED_MS, GREETED_MS, PERCENT = 500.0, 1000.0, 99.0


@dataclass(frozen=True)
class Stay:
    """Milliseconds until the socket was open, and until its chat was there."""

    opened_ms: float
    greeted_ms: float


async def measure(bench: Bench) -> Sequence[Figure]:
    """Measure with each person on one socket at a time."""
    tokens = list((await seed_sessions(bench.resources, MOST)).values())
    ramp = Ramp(FIRST, MOST, bench.rounds(20, 6))
    return rows(await play(bench.url, tokens, ramp, stay=STAY_SECONDS), ramp)


async def play(url: str, tokens: Sequence[str], ramp: Ramp, *, stay: float) -> Visits[Stay]:
    """Have people come and stay for so many seconds."""
    return await ramped(ramp, tokens, partial(_visit, url, stay))


async def _visit(url: str, stay: float, token: str) -> Stay:
    began = time.perf_counter()
    async with opened(url, PATH, token) as socket:
        opened_ms = ms_since(began)
        client = await greeted(socket)
        greeted_ms = ms_since(began)
        await asyncio.sleep(stay)
        await client.send("ping")
        await client.receive("pong")
    return Stay(opened_ms, greeted_ms)


def rows(visits: Visits[Stay], ramp: Ramp) -> list[Figure]:
    """Return the rows of what was played."""
    what = f"{ramp.first} to {ramp.most} sockets"
    return [
        p95(
            f"{what}, connected",
            [stay.opened_ms for stay in visits.done],
            OPENED_MS,
            "the handshake alone, which reads nothing.",
        ),
        p95(
            f"{what}, chat begun",
            [stay.greeted_ms for stay in visits.done],
            GREETED_MS,
            "a transaction stores the chat; those who come at the same moment wait for one process of the API.",
        ),
        visits.succeeded(what, PERCENT),
    ]
