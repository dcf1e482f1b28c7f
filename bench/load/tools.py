"""People whose clients call three tools, one after the other."""

from collections.abc import Mapping, Sequence
from functools import partial

from bench.bench import Bench
from bench.chat_clients import ChatClient, NotServed, chatting
from bench.figure import Figure
from bench.load.crowd import Ramp, Visits, ramped
from bench.load.marks import p95, without_limits
from bench.seeded_sessions import seed_sessions

FIRST, MOST = 15, 30
CALLS: Mapping[str, Mapping[str, str]] = {
    "get-time": {},
    "echo": {"text": "hello"},
    "calculator": {"expression": "6 * 7"},
}
RESULT_MS, PERCENT = 3000.0, 95.0


async def measure(bench: Bench) -> Sequence[Figure]:
    """Measure without the limit of calls."""
    tokens = list((await seed_sessions(bench.resources, MOST)).values())
    ramp = Ramp(FIRST, MOST, bench.rounds(20, 6))
    async with without_limits(bench) as url:
        return rows(await play(url, tokens, ramp), ramp)


async def play(url: str, tokens: Sequence[str], ramp: Ramp) -> Visits[Sequence[float]]:
    """Have people come and call. A visit is the milliseconds of its calls."""
    return await ramped(ramp, tokens, partial(_visit, url))


async def _visit(url: str, token: str) -> Sequence[float]:
    async with chatting(url, token) as client:
        return [await _call(client, tool, parameters) for tool, parameters in CALLS.items()]


async def _call(client: ChatClient, tool: str, parameters: Mapping[str, str]) -> float:
    sent_at = await client.send("call_tool", toolName=tool, parameters=parameters)
    answer = await client.receive("tool_result")
    if not answer.data["result"]["success"]:
        raise NotServed(answer)
    return (answer.at - sent_at) * 1000


def rows(visits: Visits[Sequence[float]], ramp: Ramp) -> list[Figure]:
    """Return the rows of what was played."""
    what = f"{ramp.first} to {ramp.most} people calling tools"
    return [
        p95(
            f"{what}, call to its result",
            [taken for each in visits.done for taken in each],
            RESULT_MS,
            "each call is a workflow; half of its processor time is Temporal's, and the crowd can fill both cores.",
        ),
        visits.succeeded(f"{what}, visits of {len(CALLS)} calls", PERCENT),
    ]
