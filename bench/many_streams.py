"""Streams at once on one worker and one process of the API: the pace of each, and how evenly it comes."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.bench import Bench
from bench.chat_clients import ENDS, ChatClient, Frame, all_chatting
from bench.cpu import cpu_by_name
from bench.figure import Figure, Limit, at_least_times, at_most
from bench.seeded_sessions import seed_sessions
from bench.streams import gaps_ms
from bench.timing import percentile
from tests.support.polling import eventually

STREAMS, WATCHED_SECONDS = 200, 6
LONG, BEGUN_WITHIN_SECONDS = "count 6000", 60
"""Two minutes: many streams take some seconds until all have begun."""


async def measure(bench: Bench) -> Sequence[Figure]:
    """Have many users told at once, beside one alone. All have chats and texts of their own."""
    count = bench.rounds(STREAMS, STREAMS // 4)
    one, many = await measure_pace(bench, 1), await measure_pace(bench, count)
    what, limit = f"{count} streams of 50 tokens/s at once", "one stream"
    return [
        Figure(
            what=f"{what}, tokens of each",
            ours=many.tokens_per_second,
            unit="/s",
            limit=Limit(limit, one.tokens_per_second),
            want=at_least_times(0.9),
            because=f"CPU: a token costs the worker {many.worker_us:.0f} µs, a frame the API {many.api_us:.0f}.",
        ),
        Figure(
            what=f"{what}, between two frames, p99",
            ours=percentile(many.gaps, 0.99),
            unit="ms",
            limit=Limit(limit, percentile(one.gaps, 0.99)),
            want=at_most(300),
            because="text is told every 50 ms; the rest is how long worker and API wait for a processor.",
        ),
    ]


@dataclass
class _Stream:
    """An answer without end, and its text so far."""

    client: ChatClient
    asked: str
    chunks: list[Frame] = field(default_factory=list)

    async def listen(self) -> None:
        """Ask for it, and take what comes until it is stopped."""
        await self.client.send("user_message_stream", text=self.asked)
        while (frame := await self.client.receive("stream_chunk", *ENDS)).event == "stream_chunk":
            self.chunks.append(frame)
        assert frame.event == "stream_end", frame

    async def stop(self) -> None:
        """Have it stopped."""
        await self.client.send("stop_turn", turn_id=self.chunks[0].data["turn_id"])


@dataclass(frozen=True)
class Pace:
    """`gaps`: milliseconds between two frames of a stream. `worker_us`: CPU of the worker for a token; `api_us`: of the
    API for a frame.
    """

    tokens_per_second: float
    gaps: Sequence[float]
    worker_us: float
    api_us: float


async def measure_pace(bench: Bench, count: int, asked: str = LONG) -> Pace:
    """Return the pace of so many streams in some seconds in which all of them are under way. `asked`: the message
    whose answers they are.
    """
    tokens = (await seed_sessions(bench.resources, count)).values()
    async with all_chatting(bench.url, tokens) as clients, asyncio.TaskGroup() as listening:
        streams = [_Stream(client, asked) for client in clients]
        for stream in streams:
            listening.create_task(stream.listen())

        async def all_speak() -> bool:
            return all(stream.chunks for stream in streams)

        await eventually(all_speak, within=BEGUN_WITHIN_SECONDS)
        pids = {name: bench.stack.pid(name) for name in ("worker", "api")}
        began, before = time.perf_counter(), cpu_by_name(pids)
        await asyncio.sleep(bench.rounds(WATCHED_SECONDS, WATCHED_SECONDS // 3))
        seconds, after = time.perf_counter() - began, cpu_by_name(pids)
        seen = [[frame for frame in stream.chunks if frame.at > began] for stream in streams]
        for stream in streams:
            await stream.stop()
    words = sum(len(frame.data["content"].split()) for frames in seen for frame in frames)
    return Pace(
        tokens_per_second=words / count / seconds,
        gaps=[gap for frames in seen for gap in gaps_ms(frames)],
        worker_us=(after["worker"] - before["worker"]) * 1000 / words,
        api_us=(after["api"] - before["api"]) * 1000 / sum(map(len, seen)),
    )
