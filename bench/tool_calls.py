"""A call of a tool by a user's own client, beside an empty workflow of the same shape."""

import statistics
from collections.abc import Sequence

from bench.baseline_turns import empty_assistant
from bench.bench import Bench
from bench.chat_clients import ChatClient, all_chatting
from bench.figure import Figure, Limit, at_most_times
from bench.seeded_sessions import seed_sessions
from bench.timing import Call, spaced

PEOPLE = 10
PAUSE_SECONDS = 0.05


async def measure(bench: Bench) -> Sequence[Figure]:
    """Measure calls of the cheapest tool on an idle stack, one after the other, by one user after the other."""
    tokens = (await seed_sessions(bench.resources, PEOPLE)).values()
    async with all_chatting(bench.url, tokens) as clients, empty_assistant(bench.resources.temporal) as empty:
        calls = [call for client in clients for call in (empty.call, _call(client))]
        await spaced(calls, seconds=PAUSE_SECONDS)
        taken = await spaced(calls * bench.rounds(8, 3), seconds=PAUSE_SECONDS)
    return [
        Figure(
            what="call of `get-time` to its result, idle, p50",
            ours=statistics.median(taken[1::2]),
            unit="ms",
            limit=Limit("the same workflow, empty", statistics.median(taken[::2])),
            want=at_most_times(2.5),
            because="API and worker read the account and its rights; the call and its result are stored.",
        )
    ]


def _call(client: ChatClient) -> Call:
    async def call() -> None:
        await client.send("call_tool", toolName="get-time")
        await client.receive("tool_result")

    return call
