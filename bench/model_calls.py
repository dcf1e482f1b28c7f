"""One question to a provider at a time: what we add before it is asked, and behind its first byte."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from adapters.resources import Resources
from bench.baseline_turns import empty_assistant
from bench.bench import Bench
from bench.chat_clients import ChatClient, all_chatting, chatting
from bench.figure import Figure, Limit, at_most, at_most_times
from bench.scripted_provider import STEADY, Provider, provider
from bench.seeded_sessions import seed_sessions
from bench.timing import Call, percentile, spaced
from devstack.model_server.script import Answer
from tests.support.talks import talks_of

PEOPLE = 10
PAUSE_SECONDS = 0.2
THINKS_MS = 100
"""When the first byte comes the sockets were told that the answer begins, as with a provider that thinks."""
WORD = " word"


async def measure(bench: Bench) -> Sequence[Figure]:
    """Ask on an idle stack, one question after the other."""
    async with provider() as scripted:
        await scripted.play(Answer(text="Yes.", first_pause_ms=THINKS_MS))
        return [*await _questions(bench, scripted), await _kept_answers(bench)]


@dataclass(frozen=True)
class _Moments:
    """Of one question, in seconds since 1970: when it was sent, and when the first frame with text came."""

    sent: float
    told: float


async def _questions(bench: Bench, scripted: Provider) -> list[Figure]:
    tokens, moments = (await seed_sessions(bench.resources, PEOPLE)).values(), list[_Moments]()

    async def ask(client: ChatClient) -> None:
        moments.append(await _ask(client))

    async with all_chatting(bench.url, tokens) as clients, empty_assistant(bench.resources.temporal) as empty:
        bare = partial(_bare_write, bench.resources)
        calls = [call for client in clients for call in (empty.ask, bare, partial(ask, client))]
        await spaced(calls, seconds=PAUSE_SECONDS)
        moments.clear()
        await scripted.asked()
        taken = await spaced(calls * bench.rounds(5, 1), seconds=PAUSE_SECONDS)
    asked = await scripted.asked()
    before = [(question["at"] - each.sent) * 1000 for question, each in zip(asked, moments, strict=True)]
    behind = [(each.told - question["began_at"]) * 1000 for question, each in zip(asked, moments, strict=True)]
    return [*_before(before, taken[::3]), *_behind(behind, taken[1::3])]


def _before(ours: Sequence[float], bare: Sequence[float]) -> list[Figure]:
    figure = Figure(
        what="message until its provider is asked, idle, p50",
        ours=statistics.median(ours),
        unit="ms",
        limit=Limit("bare signal-with-start to an empty activity", statistics.median(bare)),
        want=at_most(60),
        because="besides the limit two transactions, reads of turn, rights, budget and chat, and a record of the call.",
    )
    return [
        figure,
        replace(figure, what="message until its provider is asked, beside a bare start", want=at_most_times(2)),
    ]


def _behind(ours: Sequence[float], bare: Sequence[float]) -> list[Figure]:
    median = Figure(
        what="first byte of a provider to its frame, p50",
        ours=statistics.median(ours),
        unit="ms",
        limit=Limit("APPEND, PUBLISH, GETRANGE by the same driver", statistics.median(bare)),
        want=at_most_times(3),
        because="worker, Redis, API, Redis, API wake in turn: a script tells, the API reads and writes.",
    )
    late = Limit("APPEND, PUBLISH, GETRANGE by the same driver", percentile(bare, 0.95))
    what = "first byte of a provider to its frame, p95"
    return [median, replace(median, what=what, ours=percentile(ours, 0.95), limit=late, want=at_most(15))]


async def _ask(client: ChatClient) -> _Moments:
    since_1970 = time.time() - time.perf_counter()
    sent = await client.send("user_message_stream", text="May I?")
    told = await client.receive("stream_chunk")
    await client.receive("stream_end")
    return _Moments(sent + since_1970, told.at + since_1970)


async def _bare_write(resources: Resources) -> None:
    redis, key = resources.clients.redis, "bench:text"
    length = await redis.append(key, WORD)
    await redis.publish("bench", length)
    await redis.getrange(key, length - len(WORD), -1)


async def _kept_answers(bench: Bench) -> Figure:
    """From a first message that was answered before to the text of its answer, which is one chunk."""
    users, taken = await seed_sessions(bench.resources, PEOPLE), list[float]()
    async with empty_assistant(bench.resources.temporal) as empty:
        for user_id, token in users.items():
            await _first_message(bench, user_id, token)
            for _ in range(bench.rounds(4, 1)):
                taken.append(await _first_message(bench, user_id, token))
        bare: list[Call] = [empty.ask] * len(taken)
        limit = await spaced(bare, seconds=PAUSE_SECONDS)
    return Figure(
        what="first message to the text of its answer from the cache, p50",
        ours=statistics.median(taken),
        unit="ms",
        limit=Limit("bare signal-with-start to an empty activity", statistics.median(limit)),
        want=at_most(60),
        because="all that comes before a provider is asked, and one read of Redis instead of it.",
    )


async def _first_message(bench: Bench, user_id: str, token: str) -> float:
    chat = await talks_of(bench.resources, user_id).begin_chat(model=STEADY)
    async with chatting(bench.url, token, chat.chat_id) as client:
        await asyncio.sleep(PAUSE_SECONDS)
        moments = await _ask(client)
    return (moments.told - moments.sent) * 1000
