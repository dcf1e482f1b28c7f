"""People who say fifteen things at once, over two processes: the limit of ten is exact, whoever counts."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

from bench.bench import Bench
from bench.chat_clients import ChatClient, chatting
from bench.figure import Figure, Limit, at_least_times
from bench.load.crowd import Visits
from bench.seeded_sessions import seed_sessions
from bench.settling import owes_nothing
from tests.gateway.process import processes
from tests.support.polling import eventually

PEOPLE = 50
AT_EACH_SOCKET = (4, 4, 4, 3)
"""One chat each, in which one message is answered and three wait: none is refused for anything but the limit."""
ANSWERED_SECONDS = 120.0
JUDGED = ("message_accepted", "rate_limit")


@dataclass(frozen=True)
class Judged:
    """What became of the messages of one person."""

    accepted: int
    limited: int


EXACT = Judged(accepted=10, limited=5)


async def measure(bench: Bench) -> Sequence[Figure]:
    """Measure with the limits of production."""
    tokens = list((await seed_sessions(bench.resources, bench.rounds(PEOPLE, PEOPLE // 5))).values())
    async with processes(bench.stack, 2) as apis:
        visits = await play([api.url for api in apis], tokens)
    await eventually(partial(owes_nothing, bench.resources), within=ANSWERED_SECONDS)
    return [row(visits)]


async def play(urls: Sequence[str], tokens: Sequence[str]) -> Visits[Judged]:
    """Have each person say all of it at the same moment, half of it at each of two processes."""
    visits = Visits[Judged]()
    await asyncio.gather(*(visits.take(_burst(urls, token)) for token in tokens))
    return visits


async def _burst(urls: Sequence[str], token: str) -> Judged:
    async with AsyncExitStack() as sockets:
        clients = [await sockets.enter_async_context(chatting(url, token)) for url in (*urls, *urls)]
        counts = await asyncio.gather(*map(_say, clients, AT_EACH_SOCKET))
    return Judged(sum(each.accepted for each in counts), sum(each.limited for each in counts))


async def _say(client: ChatClient, times: int) -> Judged:
    for number in range(times):
        await client.send("user_message", text=f"say {number}")
    events = [(await client.receive(*JUDGED)).event for _ in range(times)]
    return Judged(*map(events.count, JUDGED))


def row(visits: Visits[Judged]) -> Figure:
    """Return the row of what was played."""
    people = visits.count
    other = sorted({f"{judged.accepted} and {judged.limited}" for judged in visits.done if judged != EXACT})
    return Figure(
        what=f"{people} people with 15 messages at once at two processes, of whom just 10 were accepted and 5 limited",
        ours=visits.done.count(EXACT),
        unit="",
        limit=Limit("people", people),
        want=at_least_times(1.0),
        because=f"one script in Redis counts for all processes{'; others: ' + ', '.join(other) if other else ''}.",
    )
