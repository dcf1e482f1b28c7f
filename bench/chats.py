"""Messages and their answers by `mock`: what comes before a model is asked, and whole turns."""

import asyncio
import statistics
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from bench.baseline_turns import empty_assistant
from bench.bench import Bench
from bench.chat_clients import ChatClient, all_chatting
from bench.figure import Figure, Limit, at_least_times, at_most, at_most_times
from bench.seeded_sessions import seed_sessions
from bench.timing import Call, spaced

TEXT = "say hello"
PEOPLE, MESSAGES_EACH = 40, 5
"""Fewer than the ten a minute that are allowed."""
PAUSE_SECONDS = 0.2


async def measure(bench: Bench) -> Sequence[Figure]:
    """Measure messages to which the model says one word at once."""
    return [*await _begins(bench), *await _whole_turns(bench)]


async def _begins(bench: Bench) -> list[Figure]:
    """From the frame with a message to the frame that its answer begins, which is sent before the model is asked."""
    rounds = bench.rounds(3, 1)
    tokens = (await seed_sessions(bench.resources, 10)).values()
    async with all_chatting(bench.url, tokens) as clients, empty_assistant(bench.resources.temporal) as empty:
        calls = [call for client in clients for call in (empty.ask, partial(_start, client))]
        await spaced(calls, seconds=PAUSE_SECONDS)
        taken = await spaced(calls * rounds, seconds=PAUSE_SECONDS)
    what = "message to the begin of its answer"
    figure = Figure(
        what=f"{what}, idle, p50",
        ours=statistics.median(taken[1::2]),
        unit="ms",
        limit=Limit("bare signal-with-start to an empty activity", statistics.median(taken[::2])),
        want=at_most(60),
        because="besides the limit the transactions of the message and of `begin`, and the turn is read for the frame.",
    )
    return [figure, replace(figure, what=f"{what}, beside a bare start", want=at_most_times(2))]


async def _start(client: ChatClient) -> None:
    await client.send("user_message_stream", text=TEXT)
    await client.receive("stream_start")


async def _whole_turns(bench: Bench) -> list[Figure]:
    """As many users as talk at once, each message after the answer to the one before."""
    tokens = list((await seed_sessions(bench.resources, bench.rounds(PEOPLE, PEOPLE // 2))).values())
    count = len(tokens) * MESSAGES_EACH
    async with all_chatting(bench.url, tokens) as clients, empty_assistant(bench.resources.temporal) as empty:
        calls = [partial(client.talk, TEXT) for client in clients]
        await _each(calls, 1)
        ours = await bench.meter.spent(count, _each(calls, MESSAGES_EACH))
        empties: list[Call] = [empty.answer] * len(tokens)
        await _each(empties, 1)
        limit = await bench.meter.spent(count, _each(empties, MESSAGES_EACH), with_client=True)
    what, name = f"{len(tokens)} at once", "the same workflow, empty"
    return [
        Figure(
            what=f"whole turns without model time, {what}",
            ours=count / ours.seconds,
            unit="/s",
            limit=Limit(name, count / limit.seconds),
            want=at_least_times(0.6),
            because="workflow tasks, as in the limit; MongoDB's transactions share the cores with them.",
        ),
        Figure(
            what=f"whole turn without model time, {what}, CPU of all",
            ours=ours.total,
            unit="ms",
            limit=Limit(name, limit.total),
            want=at_most_times(1.7),
            split=ours.split,
            because="workflow tasks, as in the limit; ours are three transactions, two writes and the frames.",
        ),
    ]


async def _each(calls: Sequence[Call], times: int) -> None:
    """Make each call so often, one after the other, all calls at once."""

    async def repeat(call: Call) -> None:
        for _ in range(times):
            await call()

    await asyncio.gather(*map(repeat, calls))
