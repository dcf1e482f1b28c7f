"""Text on its way from a worker to a socket: the first piece of it, and the last after a stop."""

import asyncio
import itertools
import statistics
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from adapters.resources import Resources
from bench.bench import Bench
from bench.chat_clients import ChatClient, Frame, all_chatting, chatting
from bench.figure import Figure, Limit, at_most, at_most_times
from bench.seeded_sessions import seed_sessions
from bench.timing import Call, percentile, spaced
from domain.assistant.turn_ends import FinishReason, TurnEnd
from domain.assistant.writing import MERGE_SECONDS, Draft, TextAppend
from tests.support.talks import talks_of

WORD, WORD_SECONDS = " word", 0.02
"""The pace of `mock` in this stack: 50 tokens a second."""
CHUNKS_BEFORE_STOP = 4


async def measure(bench: Bench) -> Sequence[Figure]:
    """Measure on an idle stack, one stream after the other."""
    return [*await _first_bytes(bench), await _stops(bench)]


async def _first_bytes(bench: Bench) -> list[Figure]:
    """From the write of a piece to its frame. This process writes as a worker does; each piece is announced at once."""
    pieces = bench.rounds(200, 50)
    async with _speaking(bench) as writer:
        calls: list[Call] = [partial(_bare_write, bench.resources), writer.write] * pieces
        taken = await spaced(calls, seconds=WORD_SECONDS)
    limit, ours = taken[::2], taken[1::2]
    return [
        Figure(
            what="first byte of a model to its frame, p50",
            ours=statistics.median(ours),
            unit="ms",
            limit=Limit("APPEND, PUBLISH, GETRANGE by the same driver", statistics.median(limit)),
            want=at_most_times(3),
            because="a script writes and tells, the API hears, reads and writes: processes that have to wake.",
        ),
        Figure(
            what="first byte of a model to its frame, p95",
            ours=percentile(ours, 0.95),
            unit="ms",
            limit=Limit("APPEND, PUBLISH, GETRANGE by the same driver", percentile(limit, 0.95)),
            want=at_most(15),
            because="a script writes and tells, the API hears, reads and writes: processes that have to wake.",
        ),
    ]


@dataclass
class _Writer:
    """Writes the text of a turn, and waits for the frames of its client. `length`: of what is written."""

    resources: Resources
    client: ChatClient
    draft: Draft
    length: int = 0

    async def write(self) -> None:
        """Write a piece and wait until it is told."""
        piece = TextAppend(self.draft.place, self.draft.writer, self.length, WORD)
        self.length += len(WORD)
        await self.resources.assistant.texts.append(piece)
        await self.client.receive("stream_chunk")


@asynccontextmanager
async def _speaking(bench: Bench) -> AsyncIterator[_Writer]:
    """Begin a turn of which this process is the writer: no worker is woken for it."""
    ((user_id, token),) = (await seed_sessions(bench.resources, 1)).items()
    talks = talks_of(bench.resources, user_id)
    async with chatting(bench.url, token) as client:
        await talks.send(client.chat_id)
        turn = await talks.begin(client.chat_id)
        draft = await talks.draft(turn, "")
        await bench.resources.assistant.texts.publish_changed(client.chat_id, turn.turn_id)
        await client.receive("stream_start")
        yield _Writer(bench.resources, client, draft)
        await talks.finish(turn, TurnEnd(FinishReason.STOP))


async def _bare_write(resources: Resources) -> None:
    redis, key = resources.clients.redis, "bench:text"
    length = await redis.append(key, WORD)
    await redis.publish("bench", length)
    await redis.getrange(key, length - len(WORD), -1)


async def _stops(bench: Bench) -> Figure:
    """From the frame that asks for it to the last frame with text."""
    tokens = (await seed_sessions(bench.resources, 10)).values()
    async with all_chatting(bench.url, tokens) as clients:
        stops = [await _stop(client, number) for number, client in enumerate(clients * bench.rounds(3, 1))]
    return Figure(
        what="stop to the last frame with text, p95",
        ours=percentile([ms for ms, _ in stops], 0.95),
        unit="ms",
        limit=Limit("between two frames", statistics.median(gap for _, gaps in stops for gap in gaps)),
        want=at_most(250),
        because="one transaction; the worker sees it when it writes next, and what it writes then is the last.",
    )


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
