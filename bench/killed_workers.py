"""Answers whose worker is killed: how long their text stands still."""

import asyncio
import itertools
import signal
import time
from collections.abc import Iterable, Sequence

from bench.bench import Bench
from bench.chat_clients import ChatClient, all_chatting
from bench.figure import Figure, Limit, at_most
from bench.seeded_sessions import seed_sessions
from bench.timing import percentile
from tests.faults.outages import healthy, send_signal
from workflows.activity_options import MODEL

STREAMS = 10
MESSAGE = "count 200"
"""Takes four seconds: no answer ends before all have begun."""
GOES_ON_SECONDS = 8.0


async def measure(bench: Bench) -> Sequence[Figure]:
    """Kill the only worker just after it has begun some answers: their first heartbeats have been sent, so it is
    missed as late as can be. The supervisor starts another.
    """
    tokens = (await seed_sessions(bench.resources, STREAMS)).values()
    silences = [seconds for _ in range(bench.rounds(3, 1)) for seconds in await _kill(bench, tokens)]
    heartbeat = MODEL.heartbeat
    assert heartbeat
    return [
        Figure(
            what=f"worker killed amid {STREAMS} answers until their text goes on, p95",
            ours=percentile(silences, 0.95),
            unit="s",
            limit=Limit("time-out of its heartbeats", heartbeat.total_seconds()),
            want=at_most(GOES_ON_SECONDS),
            because="the server waits that long for a heartbeat, and a second more: it has no shorter timers.",
        )
    ]


async def _kill(bench: Bench, tokens: Iterable[str]) -> list[float]:
    """Return how long each answer stood still, in seconds."""
    async with all_chatting(bench.url, tokens) as clients:
        await asyncio.gather(*map(_begin, clients))
        killed_at = time.perf_counter()
        send_signal(bench.stack, "worker", signal.SIGKILL)
        silences = await asyncio.gather(*(_longest_silence(client, killed_at) for client in clients))
    await healthy(bench.stack)
    return silences


async def _begin(client: ChatClient) -> None:
    await client.send("user_message_stream", text=MESSAGE)
    await client.receive("stream_chunk")


async def _longest_silence(client: ChatClient, since: float) -> float:
    frames = await client.receive_all("stream_end")
    said = [since, *(frame.at for frame in frames if frame.event == "stream_chunk")]
    return max(after - before for before, after in itertools.pairwise(said))
