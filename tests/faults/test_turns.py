"""Turns through outages: every message that was accepted is answered once, and its text is whole.

Texts are read as a client reads them, each time from the place that it has come to.
"""

import asyncio
import signal
import time
from contextlib import ExitStack
from dataclasses import dataclass, field

import httpx
import pytest

from devstack.stack import Stack
from tests.faults.outages import another_worker, away, frozen, send_signal
from tests.support.chats import OPEN, TURNS, accepted, new_chat, read_turn, said
from tests.support.envelope import data
from tests.support.people import SignedIn
from tests.support.polling import eventually

SLOW = "count 60"
"""Takes three and a half seconds."""
SLOWER = "count 200"
"""Takes twelve seconds: a worker cancels what Temporal has taken no heartbeat of for ten."""
OUTAGE_SECONDS = 5.0


def counted(number: int) -> str:
    return " ".join(map(str, range(1, number + 1)))


@dataclass
class Reader:
    """Reads the answer to a message. `text`: what it was told so far."""

    api: httpx.AsyncClient
    someone: SignedIn
    turn_id: str
    text: str = ""
    state: str = "queued"
    _position: dict[str, int] = field(default_factory=dict)

    async def look(self) -> bool:
        """Read what is new, unless the API says that it cannot now. Returns whether there was anything."""
        path = f"{TURNS}/{self.turn_id}"
        response = await self.api.get(path, params=self._position, headers=self.someone.bearer)
        if response.status_code == 503:
            return False
        turn, before = data(response), self.text
        self.state = turn["state"]
        for part in turn["parts"]:
            self.text += part["content"]
            self._position = {"part": part["part"], "offset": part["next_offset"]}
        return self.text != before

    async def told_more(self, *, within: float = 30) -> None:
        """Return as soon as there is more text."""
        await eventually(self.look, within=within)

    async def closed(self, *, within: float = 60) -> str:
        """Return all that it was told, as soon as the turn is closed."""

        async def is_closed() -> bool:
            await self.look()
            return self.state not in OPEN

        await eventually(is_closed, within=within)
        return self.text


async def asking(api: httpx.AsyncClient, someone: SignedIn, text: str) -> Reader:
    """Send a message in a chat of its own, and return its reader."""
    turn = await accepted(api, someone, await new_chat(api, someone), text)
    return Reader(api, someone, turn["turn_id"])


async def listening(api: httpx.AsyncClient, someone: SignedIn, text: str) -> Reader:
    """The same, as soon as there is some text of the answer."""
    reader = await asking(api, someone, text)
    await reader.told_more()
    return reader


async def test_turn_stopped_without_a_worker_stays_stopped_with_all_that_was_heard(
    stack: Stack, api: httpx.AsyncClient, someone: SignedIn
) -> None:
    reader = await listening(api, someone, "count 100")

    send_signal(stack, "worker", signal.SIGKILL)
    data(await api.post(f"{TURNS}/{reader.turn_id}/stop", headers=someone.bearer))
    await reader.closed()
    stopped = await read_turn(api, someone, reader.turn_id)

    assert (stopped["state"], stopped["finish_reason"]) == ("stopped", "stopped")
    assert counted(100).startswith(said(stopped))
    assert said(stopped).startswith(reader.text)


async def test_worker_that_only_seemed_dead_adds_nothing(
    stack: Stack, api: httpx.AsyncClient, someone: SignedIn
) -> None:
    reader = await listening(api, someone, "count 100")

    with ExitStack() as until_thawed:
        until_thawed.enter_context(frozen(stack, "worker"))
        async with another_worker(stack):
            await reader.look()
            await reader.told_more(within=60)
            until_thawed.close()
            heard = await reader.closed()

    assert heard == said(await read_turn(api, someone, reader.turn_id)) == counted(100)


async def test_text_goes_on_without_redis(stack: Stack, api: httpx.AsyncClient, someone: SignedIn) -> None:
    reader = await listening(api, someone, SLOWER)

    async with away(stack, "redis"):
        await reader.look()
        await reader.told_more()
    heard = await reader.closed()

    assert heard == said(await read_turn(api, someone, reader.turn_id)) == counted(200)


@pytest.mark.parametrize("text", [SLOW, SLOWER], ids=["ends without it", "goes on after it"])
async def test_text_is_stored_when_mongodb_is_back(
    stack: Stack, api: httpx.AsyncClient, someone: SignedIn, text: str
) -> None:
    reader = await listening(api, someone, text)

    async with away(stack, "mongodb"):
        began = time.monotonic()
        await eventually(lambda: lasted(began))
    heard = await reader.closed()

    assert heard == said(await read_turn(api, someone, reader.turn_id)) == counted(int(text.split()[1]))


async def test_without_temporal_texts_end_and_messages_wait(
    stack: Stack, api: httpx.AsyncClient, someone: SignedIn
) -> None:
    speaking = await listening(api, someone, SLOWER)

    async with away(stack, "temporal"):
        waiting = await asking(api, someone, "say later")
        await eventually(lambda: has_heard(speaking, counted(200)), within=30)
    heard = await asyncio.gather(*(each.closed(within=90) for each in (speaking, waiting)))

    assert heard == [counted(200), "later"]
    assert [each.state for each in (speaking, waiting)] == ["completed"] * 2


async def test_message_sent_without_a_worker_is_answered_by_the_next(
    stack: Stack, api: httpx.AsyncClient, someone: SignedIn
) -> None:
    async with away(stack, "worker"):
        reader = await asking(api, someone, "say later")

    assert await reader.closed() == "later"


async def lasted(since: float) -> bool:
    return time.monotonic() - since >= OUTAGE_SECONDS


async def has_heard(reader: Reader, text: str) -> bool:
    await reader.look()
    return reader.text == text
