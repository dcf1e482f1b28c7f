"""People who say three things in a chat, each after the answer to the one before, and go."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from bench.bench import Bench
from bench.chat_clients import ChatClient, chatting
from bench.figure import Figure
from bench.load.crowd import Ramp, Visits, ramped
from bench.load.marks import p95, without_limits
from bench.seeded_sessions import seed_sessions

FIRST, MOST = 25, 50
TEXTS = ("hello", "who are you", "thanks")
ACCEPTED_MS, ANSWERED_MS, PERCENT = 100.0, 2000.0, 95.0


@dataclass(frozen=True)
class Reply:
    """Milliseconds until a message was promised, and until its answer was there."""

    accepted_ms: float
    answered_ms: float


async def measure(bench: Bench) -> Sequence[Figure]:
    """Measure without the limit of messages."""
    tokens = list((await seed_sessions(bench.resources, MOST)).values())
    ramp = Ramp(FIRST, MOST, bench.rounds(20, 6))
    async with without_limits(bench) as url:
        return rows(await play(url, tokens, ramp), ramp)


async def play(url: str, tokens: Sequence[str], ramp: Ramp) -> Visits[Sequence[Reply]]:
    """Have people come and talk."""
    return await ramped(ramp, tokens, partial(_visit, url, ramp.pause))


async def _visit(url: str, pause: float, token: str) -> Sequence[Reply]:
    replies = []
    async with chatting(url, token) as client:
        for text in TEXTS:
            replies.append(await _say(client, text))
            await asyncio.sleep(pause)
    return replies


async def _say(client: ChatClient, text: str) -> Reply:
    sent_at = await client.send("user_message", text=text)
    accepted = await client.receive("message_accepted")
    answered = await client.receive("assistant_response")
    return Reply((accepted.at - sent_at) * 1000, (answered.at - sent_at) * 1000)


def rows(visits: Visits[Sequence[Reply]], ramp: Ramp) -> list[Figure]:
    """Return the rows of what was played."""
    what, replies = f"{ramp.first} to {ramp.most} people talking", [reply for each in visits.done for reply in each]
    return [
        p95(
            f"{what}, message accepted",
            [reply.accepted_ms for reply in replies],
            ACCEPTED_MS,
            "one transaction, which waits for a processor: the turns of the crowd can fill both.",
        ),
        p95(
            f"{what}, message to its answer",
            [reply.answered_ms for reply in replies],
            ANSWERED_MS,
            "0.15 s of it is the model; the row of whole turns says what the two cores can do at most.",
        ),
        visits.succeeded(f"{what}, visits of {len(TEXTS)} messages", PERCENT),
    ]
