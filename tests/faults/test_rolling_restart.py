"""The commands of docs/growing.md, run as written while messages are answered: a restart of every process, one after
the other, loses nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from adapters.resources import Resources
from decode_client import DecodeClient
from devstack.stack import Stack
from tests.support.accounts import make_account
from tests.support.chat_client import ChatClient, chatting
from tests.support.chats import read_turn, said
from tests.support.lossy_proxy import lossy_proxy
from tests.support.markdown_blocks import bash_blocks, run_bash
from tests.support.people import SignedIn

PAGE = bash_blocks("docs/growing.md")
RESTARTING = 1012
LONG = 120.0


@dataclass(frozen=True)
class Fleet:
    """Two API processes, and the address of a balancer before them. `shown`: what the page has printed of them."""

    stack: Stack
    shown: str
    urls: Sequence[str]
    balancer: str

    async def run(self, block: str) -> str:
        return await run_page(self.stack, block)


async def run_page(stack: Stack, block: str) -> str:
    return await run_bash(PAGE[block], {"DECODE_RUN": str(stack.folder.root)}, within=LONG)


@pytest.fixture(scope="module")
async def fleet(stack: Stack) -> AsyncIterator[Fleet]:
    try:
        shown = await run_page(stack, "two")
        urls = [stack.url(name) for name in ("api", "api-2")]
        async with lossy_proxy(*urls) as balancer:
            yield Fleet(stack, shown, urls, balancer.url)
    finally:
        await asyncio.to_thread(stack.up)


async def talk_on(url: str, someone: SignedIn, is_over: asyncio.Event) -> list[tuple[str, str]]:
    """Say one thing after the other; return what the assistant was to say each time, and what was heard."""
    heard: list[tuple[str, str]] = []
    async with DecodeClient(url, access_token=someone.session["access_token"]) as decode, decode.chats.talk() as chat:
        while not is_over.is_set():
            words = " ".join(f"{len(heard)}-{number}" for number in range(20))
            turn = await chat.say(f"say {words}")
            heard.append((words, "".join([piece async for piece in turn])))
    return heard


async def hear_until_closed(client: ChatClient, turn_id: str) -> int | None:
    """Return the code with which the API closes the socket."""
    with suppress(ConnectionClosed):
        await client.hear(turn_id, within=LONG)
    return client.socket.connection.close_code


async def hear_through_restarts(fleet: Fleet, api: httpx.AsyncClient, someone: SignedIn) -> tuple[list[object], bool]:
    """Hear one answer, longer than any process waits for it, on two APIs until each was restarted. Return the close
    codes, and whether all of the answer was heard, once.
    """
    here, there = fleet.urls
    async with chatting(someone, here) as client:
        turn_id = await client.say("count 3000")
        codes = [await hear_until_closed(client, turn_id)]
    begun = client.turns[turn_id]
    async with chatting(someone, there, client.chat_id) as client:
        await client.resume(turn_id, 0, begun.offsets[0])
        codes.append(await hear_until_closed(client, turn_id))
    more = client.turns[turn_id]
    async with chatting(someone, here, client.chat_id) as client:
        await client.resume(turn_id, 0, more.offsets[0])
        await client.socket.send("stop_turn", turn_id=turn_id)
        rest = await client.hear(turn_id)
    return [*codes], begun.text + more.text + rest.text == said(await read_turn(api, someone, turn_id))


async def test_two_processes_share_one_stack_and_a_worker_takes_one_queue(fleet: Fleet) -> None:
    probes, worker = await asyncio.gather(fleet.run("probes"), fleet.run("one-queue"))

    shown = [line.split() for line in fleet.shown.splitlines()[-3:]]
    assert shown == [["worker", "ok", "-"], ["api", "ok", fleet.urls[0]], ["api-2", "ok", fleet.urls[1]]]
    assert probes.count('"data":{"status":"ok","degraded":[]}') == len(fleet.urls)
    assert worker.splitlines() == [
        "exit code 0",
        '"worker ready", "queues": ["assistant"]}',
        '"worker stopping',
    ]


async def test_restart_of_every_process_loses_nothing(
    fleet: Fleet, api: httpx.AsyncClient, resources: Resources
) -> None:
    is_over = asyncio.Event()
    one, two, listener = [await make_account(resources) for _ in range(3)]
    talking = [asyncio.create_task(talk_on(fleet.balancer, someone, is_over)) for someone in (one, two)]

    hearing = asyncio.create_task(hear_through_restarts(fleet, api, listener))

    await fleet.run("restart-worker")
    await fleet.run("restart-api")
    closed, is_whole = await hearing
    is_over.set()
    talks = await asyncio.gather(*talking)

    assert (closed, is_whole) == ([RESTARTING, RESTARTING], True)
    assert [heard for talk in talks for wanted, heard in talk] == [wanted for talk in talks for wanted, _ in talk]
