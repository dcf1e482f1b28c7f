"""Answers of a provider, relayed by one worker and one process of the API, beside their parse and a write alone."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.bare_streams import parse_us, write_us
from bench.bench import Bench
from bench.chat_clients import ENDS, ChatClient, all_chatting
from bench.cpu import cpu_ms
from bench.figure import Figure, Limit, at_least_times, at_most
from bench.many_streams import measure_pace
from bench.scripted_provider import provider
from bench.seeded_sessions import seed_sessions
from devstack.model_server.faults import Fault, FaultKind
from devstack.model_server.script import Answer

STREAMS = 50
WORD = " word"
FIRST_PAUSE_MS, PAUSE_MS = 4_000, 20
"""When the first text comes all turns have begun: they share the worker with none that speaks."""
ASKED = "speak"


async def measure(bench: Bench) -> Sequence[Figure]:
    """Have many users told at once: as fast as the worker reads, and at fifty tokens a second."""
    parse, write, chunks = await parse_us(WORD), await write_us(), bench.rounds(2_000, 400)
    async with provider() as scripted:
        await scripted.play(Answer(text=(WORD,) * chunks, first_pause_ms=FIRST_PAUSE_MS))
        relayed = await _relay(bench)
        endless = Fault(kind=FaultKind.ENDLESS)
        await scripted.play(Answer(text=(WORD,), first_pause_ms=FIRST_PAUSE_MS, pause_ms=PAUSE_MS, fault=endless))
        pace = await measure_pace(bench, STREAMS, ASKED)
    return [
        Figure(
            what=f"chunks relayed, {STREAMS} answers at full speed",
            ours=relayed.chunks_per_second,
            unit="/s",
            limit=Limit("the same bytes, parsed by the wire alone", 1_000_000 / parse),
            want=at_least_times(0.25),
            because="one core at most, for one worker; provider, stores, API and clients share the two with it.",
        ),
        Figure(
            what="chunk at full speed, CPU of the worker",
            ours=relayed.worker_us,
            unit="µs",
            limit=Limit("its parse by the wire alone", parse),
            want=at_most(60),
            because="h11 reads HTTP, and each layer hands the chunk on by a generator of its own.",
        ),
        Figure(
            what=f"frame, {STREAMS} answers of 50 tokens/s, CPU of the API",
            ours=pace.api_us,
            unit="µs",
            limit=Limit("a bare write to a socket", write),
            want=at_most(40),
            because=BECAUSE_FRAME,
        ),
    ]


BECAUSE_FRAME = (
    "a frame comes alone: the API wakes for a message and for a reply of Redis, which is half of it; redis-py parses "
    "both, a fifth; the frame and its write are a sixth."
)


@dataclass(frozen=True)
class _Relayed:
    """`worker_us`: CPU for a chunk."""

    chunks_per_second: float
    worker_us: float


@dataclass
class _Progress:
    """How many chunks of all answers were told so far."""

    told: int = 0
    has_begun: asyncio.Event = field(default_factory=asyncio.Event)
    first_is_over: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self, client: ChatClient) -> None:
        """Take an answer to its end."""
        await client.send("user_message_stream", text=ASKED)
        while (frame := await client.receive("stream_chunk", *ENDS)).event == "stream_chunk":
            self.told += len(frame.data["content"]) // len(WORD)
            self.has_begun.set()
        assert frame.event == "stream_end", frame
        self.first_is_over.set()


async def _relay(bench: Bench) -> _Relayed:
    """Have all told at full speed, and return the pace from the first text to the first end: no turn ends meanwhile."""
    tokens, worker = (await seed_sessions(bench.resources, STREAMS)).values(), [bench.stack.pid("worker")]
    progress = _Progress()
    async with all_chatting(bench.url, tokens) as clients, asyncio.TaskGroup() as listening:
        for client in clients:
            listening.create_task(progress.listen(client))
        await progress.has_begun.wait()
        began, before, told = time.perf_counter(), cpu_ms(worker), progress.told
        await progress.first_is_over.wait()
        seconds, spent, told = time.perf_counter() - began, cpu_ms(worker) - before, progress.told - told
    return _Relayed(told / seconds, spent * 1000 / told)
