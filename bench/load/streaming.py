"""People who have themselves told something longer, piece by piece."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from bench.bench import Bench
from bench.chat_clients import ChatClient, chatting
from bench.figure import Figure
from bench.load.crowd import Ramp, Visits, ramped
from bench.load.marks import p95, without_limits
from bench.seeded_sessions import seed_sessions

FIRST, MOST = 10, 20
TEXT = "count 60"
"""Takes the model of the bench 1.2 seconds."""
STARTED_MS, WHOLE_MS, PERCENT = 500.0, 5000.0, 95.0


@dataclass(frozen=True)
class Stream:
    """Milliseconds until an answer began, and until it was whole."""

    started_ms: float
    whole_ms: float


async def measure(bench: Bench) -> Sequence[Figure]:
    """Measure without the limit of messages."""
    tokens = list((await seed_sessions(bench.resources, MOST)).values())
    ramp = Ramp(FIRST, MOST, bench.rounds(20, 6))
    async with without_limits(bench) as url:
        return rows(await play(url, tokens, ramp, TEXT), ramp, TEXT)


async def play(url: str, tokens: Sequence[str], ramp: Ramp, text: str) -> Visits[Stream]:
    """Have people come and listen."""
    return await ramped(ramp, tokens, partial(_visit, url, text))


async def _visit(url: str, text: str, token: str) -> Stream:
    async with chatting(url, token) as client:
        return await heard(client, text)


async def heard(client: ChatClient, text: str) -> Stream:
    """Say this and listen to the end. Raises NotServed, NotWhole."""
    began = time.perf_counter()
    frames = await client.talk(text)
    started_at = next(frame.at for frame in frames if frame.event == "stream_start")
    return Stream((started_at - began) * 1000, (frames[-1].at - began) * 1000)


def rows(visits: Visits[Stream], ramp: Ramp, text: str) -> list[Figure]:
    """Return the rows of what was played."""
    what = f"{ramp.first} to {ramp.most} people listening to `{text}`"
    return [
        p95(
            f"{what}, begun",
            [stream.started_ms for stream in visits.done],
            STARTED_MS,
            "as for one alone: a transaction, a workflow task, another transaction.",
        ),
        p95(
            f"{what}, whole",
            [stream.whole_ms for stream in visits.done],
            WHOLE_MS,
            "1.2 s of it is the pace of the model.",
        ),
        visits.succeeded(what, PERCENT),
    ]
