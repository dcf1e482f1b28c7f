"""Sockets of chats: the memory of an idle one, and how soon a client that comes back reads on."""

import statistics
import time
from collections.abc import Sequence
from functools import partial

from bench.bench import Bench
from bench.chat_clients import PATH, chatting, opened
from bench.figure import Figure, Limit, at_most, at_most_times, grouped
from bench.idle_sockets import BATCH_SIZE, many_files, open_idle
from bench.seeded_sessions import seed_sessions
from bench.timing import percentile
from bench.websocket_clients import NOTIFICATIONS, close_clients
from domain.assistant.turn_ends import ENDS, RoundEnd
from domain.assistant.turns import Usage
from tests.gateway.process import processes
from tests.support.talks import talks_of

GREETING_MARK = b'"event":"session_created"'
IDLE_KB = 24.0
SIZES = (100, 10_000, 100_000)
"""Bytes of an answer."""
REPLAYED_MS = 100.0


async def measure(bench: Bench) -> Sequence[Figure]:
    """Measure sockets of many users, then one user who comes back again and again."""
    return [await _idle(bench), *await _replays(bench)]


async def _idle(bench: Bench) -> Figure:
    """Open both kinds of sockets at a new process: a heap that others have left takes some without growing. The first
    of each kind also bring what a process has once.
    """
    with many_files():
        async with processes(bench.stack, 1) as (api,):
            assert api.process
            begin = partial(open_idle, api.url, bench.resources, api.process.pid, BATCH_SIZE)
            begin_chats = partial(begin, path=PATH, greeting=GREETING_MARK)
            first, first_chats = await begin(), await begin_chats()
            bare, chats = await begin(), await begin_chats()
            close_clients([each for batch in (first, first_chats, bare, chats) for each in batch.clients])
    return Figure(
        what="idle socket of a chat, memory of the gateway",
        ours=chats.kb_each,
        unit="KB",
        limit=Limit("idle socket of notifications", bare.kb_each),
        want=at_most(IDLE_KB),
        because="as of any socket; a chat adds its room and its document.",
    )


async def _replays(bench: Bench) -> list[Figure]:
    """From the connection of a client to the first frame with text that it has missed, at each size of an answer."""
    rounds = bench.rounds(60, 15)
    ((user_id, token),) = (await seed_sessions(bench.resources, 1)).items()
    answers = [await _answered(bench, user_id, size) for size in SIZES]
    looks = [
        partial(_greeted, bench.url, token),
        *(partial(_replayed, bench.url, token, chat_id, turn_id) for chat_id, turn_id in answers),
    ]
    greeted, *replayed = zip(*[[await look() for look in looks] for _ in range(rounds)], strict=True)
    smallest, largest = replayed[0], replayed[-1]
    return [
        Figure(
            what=f"reconnect to the first frame of an answer of {grouped(SIZES[-1])} bytes, p95",
            ours=percentile(largest, 0.95),
            unit="ms",
            limit=Limit("connection to `user_connected`", percentile(greeted, 0.95)),
            want=at_most(REPLAYED_MS),
            because="the handshake, then the chat, the places in Redis, the channel, the turns: one by one.",
        ),
        *(
            Figure(
                what=f"reconnect to the first frame of an answer of {grouped(size)} bytes, p50",
                ours=statistics.median(ms),
                unit="ms",
                limit=Limit(f"the same, {SIZES[0]} bytes", statistics.median(smallest)),
                want=at_most_times(1.5),
                because="the answer is read and opened once; a frame has 32 KiB of it at most.",
            )
            for size, ms in zip(SIZES[1:], replayed[1:], strict=True)
        ),
    ]


async def _answered(bench: Bench, user_id: str, size: int) -> tuple[str, str]:
    """Store a chat with one answer of so many bytes. Returns the ids of both."""
    talks = talks_of(bench.resources, user_id)
    chat = await talks.begin_chat()
    await talks.send(chat.chat_id)
    turn = await talks.begin(chat.chat_id)
    draft = await talks.draft(turn, "x" * size)
    await bench.resources.assistant.answers.end_round(draft, RoundEnd.DONE, Usage())
    await talks.finish(turn, ENDS[RoundEnd.DONE])
    return chat.chat_id, turn.turn_id


async def _replayed(url: str, token: str, chat_id: str, turn_id: str) -> float:
    """Return the milliseconds. The close is not in them."""
    began = time.perf_counter()
    async with chatting(url, token, chat_id) as client:
        await client.send("resume", turn_id=turn_id)
        return ((await client.receive("stream_chunk")).at - began) * 1000


async def _greeted(url: str, token: str) -> float:
    began = time.perf_counter()
    async with opened(url, NOTIFICATIONS, token) as socket:
        await socket.recv()
        return (time.perf_counter() - began) * 1000
