"""A process of the API is killed with all of its sockets: their clients come back to another, all at once."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from functools import partial

from websockets.exceptions import ConnectionClosed

from bench.bench import Bench
from bench.chat_clients import ENDS, REFUSALS, ChatClient, Frame, NotServed, all_chatting, chatting
from bench.figure import Figure, at_most, grouped
from bench.idle_sockets import many_files
from bench.load.crowd import Visits
from bench.seeded_sessions import seed_sessions
from tests.gateway.process import processes
from tests.support.polling import eventually

SOCKETS = 1000
LISTENING = 100
"""How many of them are amid an answer."""
TEXT = "count 400"
"""Goes on for eight seconds."""
BACK_SECONDS = 10.0


@dataclass
class Guest:
    """One with a chat, who may be amid an answer: `frames` are what was heard of it."""

    token: str
    client: ChatClient
    frames: list[Frame] = field(default_factory=list)

    async def listen(self, text: str) -> None:
        """Ask for an answer and take it until the socket breaks."""
        await self.client.send("user_message_stream", text=text)
        with suppress(ConnectionClosed):
            while True:
                self.frames.append(await self.client.receive("stream_start", "stream_chunk"))

    async def hear_rest(self, client: ChatClient) -> None:
        """Go on listening where the other socket broke, until there is no gap. Raises NotServed.

        A second after it has restored a chat the server tells of its open turns anyway: a client that says `resume`
        later gets some of it twice, and puts it where it belongs.
        """
        attempt, last = self.frames[0].data["attempt"], self.frames[-1].data
        place = {"part": last["part"], "offset": last["next_offset"]}
        await client.send("resume", turn_id=last["turn_id"], attempt=attempt, **place)
        while _text(self.frames) != self.frames[-1].data.get("fullResponse"):
            self.frames += await client.receive_all(*ENDS)
            if self.frames[-1].event in REFUSALS:
                raise NotServed(self.frames[-1])


def _text(frames: Sequence[Frame]) -> str:
    """Return what was heard up to the first gap, each chunk at its offset."""
    text = b""
    chunks = [frame.data for frame in frames if frame.event == "stream_chunk"]
    for chunk in sorted(chunks, key=lambda each: int(each["offset"])):
        if chunk["offset"] <= len(text):
            text = text[: chunk["offset"]] + chunk["content"].encode() + text[chunk["next_offset"] :]
    return text.decode()


async def measure(bench: Bench) -> Sequence[Figure]:
    """Measure with a process that is killed, and that of the stack to come back to."""
    tokens = list((await seed_sessions(bench.resources, SOCKETS)).values())
    with many_files():
        async with processes(bench.stack, 1) as (api,), all_chatting(api.url, tokens) as clients:
            guests = list(map(Guest, tokens, clients))
            return rows(await play(guests, bench.url, api.kill, LISTENING, TEXT), LISTENING)


async def play(
    guests: Sequence[Guest], url: str, kill: Callable[[], Awaitable[None]], listening: int, text: str
) -> Visits[float]:
    """Kill the process while so many hear the answer to a text. A visit is the seconds until a chat was there again, at
    `url`; it has failed as well if the rest of an answer does not come.
    """
    visits, amid = Visits[float](), guests[:listening]
    async with asyncio.TaskGroup() as told:
        for guest in amid:
            told.create_task(guest.listen(text))
        await eventually(partial(_are_told, amid), within=60)
        await kill()
        killed_at = time.perf_counter()
    async with AsyncExitStack() as sockets:
        await asyncio.gather(*(visits.take(_come_back(guest, url, killed_at, sockets)) for guest in guests))
    return visits


async def _come_back(guest: Guest, url: str, killed_at: float, sockets: AsyncExitStack) -> float:
    client = await sockets.enter_async_context(chatting(url, guest.token, guest.client.chat_id))
    seconds = time.perf_counter() - killed_at
    if not client.is_restored:
        raise NotServed(f"another chat than {guest.client.chat_id}")
    if guest.frames:
        await guest.hear_rest(client)
    return seconds


async def _are_told(guests: Sequence[Guest]) -> bool:
    return all(guest.frames and guest.frames[-1].event == "stream_chunk" for guest in guests)


def rows(visits: Visits[float], listening: int) -> list[Figure]:
    """Return the rows of what was played."""
    what = f"{grouped(visits.count)} sockets of a killed process"
    return [
        Figure(
            what=f"{what}, until the last is back at another",
            ours=max(visits.done, default=float("inf")),
            unit="s",
            want=at_most(BACK_SECONDS),
            because="one process lets all of them in and reads their chats, beside the clients and the answers.",
        ),
        visits.all_done(
            f"{what}, back in their chats, {listening} of them amid an answer that they heard whole", "sockets"
        ),
    ]
