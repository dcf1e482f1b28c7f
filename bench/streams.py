"""Text on its way from a worker to a socket: the last of it after a stop."""

import asyncio
import itertools
import statistics
from collections.abc import Sequence

from bench.bench import Bench
from bench.chat_clients import ChatClient, Frame, all_chatting
from bench.figure import Figure, Limit, at_most
from bench.seeded_sessions import seed_sessions
from bench.timing import percentile
from domain.assistant.writing import MERGE_SECONDS

CHUNKS_BEFORE_STOP = 4


async def measure(bench: Bench) -> Sequence[Figure]:
    """Stop one stream after the other on an idle stack: from the frame that asks for it to the last with text."""
    tokens = (await seed_sessions(bench.resources, 10)).values()
    async with all_chatting(bench.url, tokens) as clients:
        stops = [await _stop(client, number) for number, client in enumerate(clients * bench.rounds(3, 1))]
    return [
        Figure(
            what="stop to the last frame with text, p95",
            ours=percentile([ms for ms, _ in stops], 0.95),
            unit="ms",
            limit=Limit("between two frames", statistics.median(gap for _, gaps in stops for gap in gaps)),
            want=at_most(250),
            because="one transaction; the worker sees it when it writes next, and what it writes then is the last.",
        )
    ]


async def _stop(client: ChatClient, number: int) -> tuple[float, list[float]]:
    """Return the milliseconds, and those between frames before. Each is stopped at another time after a frame."""
    await client.send("user_message_stream", text="count 1000")
    chunks = [await client.receive("stream_chunk") for _ in range(CHUNKS_BEFORE_STOP)]
    await asyncio.sleep(MERGE_SECONDS * (number % 10) / 10)
    asked_at = await client.send("stop_turn", turn_id=chunks[0].data["turn_id"])
    frames = await client.receive_all("stream_end")
    last = max((frame.at for frame in frames if frame.event == "stream_chunk"), default=asked_at)
    return max(0.0, (last - asked_at) * 1000), gaps_ms(chunks[1:])


def gaps_ms(frames: Sequence[Frame]) -> list[float]:
    """Return the milliseconds between one frame and the next."""
    return [(after.at - before.at) * 1000 for before, after in itertools.pairwise(frames)]
