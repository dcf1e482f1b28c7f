"""A stop while a tool runs, on the dev stack: one that reads is cancelled, a change is made to its end.

Turns of these tests have a worker of their own, in this process, with tools that take as long as a test wants.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
import pytest

from activities.assistant.tool_handlers.handling import ToolUse
from activities.assistant.tool_handlers.notifications import NotificationTools
from activities.assistant.tool_handlers.utility import UtilityTools
from adapters.resources import Resources
from config.settings import Settings
from tests.support.accounts import make_account
from tests.support.approvals import calling, decide, waiting_call
from tests.support.chats import TURNS, closed, read_turn
from tests.support.envelope import Json, data
from tests.support.people import SignedIn
from tests.support.talks import talks_of
from tests.support.turn_worker import turn_worker

Begin = Callable[[str], Awaitable[str]]
"""Sends a message and has it answered. Returns the id of the turn."""


@dataclass(frozen=True)
class SlowTool:
    """A handler that runs until it is told to end."""

    begun: asyncio.Event
    may_end: asyncio.Event
    cancelled: asyncio.Event

    async def __call__(self, _: ToolUse) -> Mapping[str, Any]:
        self.begun.set()
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return {"text": "done"}


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> SlowTool:
    """What `echo` and `mark_notifications_read` do."""
    tool = SlowTool(asyncio.Event(), asyncio.Event(), asyncio.Event())
    for handlers, name in ((UtilityTools, "_echo"), (NotificationTools, "_mark_read")):
        monkeypatch.setattr(handlers, name, tool)
    return tool


@pytest.fixture
async def someone(resources: Resources) -> SignedIn:
    return await make_account(resources)


@pytest.fixture
async def begin(settings: Settings, resources: Resources, someone: SignedIn, slow: SlowTool) -> AsyncIterator[Begin]:
    talks = talks_of(resources, someone.user["_id"])
    async with turn_worker(settings) as worker:
        yield partial(worker.answer, talks)


async def stop(api: httpx.AsyncClient, someone: SignedIn, turn_id: str) -> None:
    data(await api.post(f"{TURNS}/{turn_id}/stop", headers=someone.bearer))


def result_of(turn: Json) -> Json:
    """The result of the turn's only call."""
    (part,) = turn["parts"]
    result: Json = part["call"]["result"]
    return result


async def test_tool_that_reads_is_cancelled(
    api: httpx.AsyncClient, someone: SignedIn, slow: SlowTool, begin: Begin
) -> None:
    turn_id = await begin(calling("echo", text="hello"))
    await slow.begun.wait()

    await stop(api, someone, turn_id)
    ended = await closed(api, someone, turn_id, within=5)

    assert (ended["state"], result_of(ended)["error"]["code"]) == ("stopped", "DECLINED")
    await asyncio.wait_for(slow.cancelled.wait(), 15)


async def test_change_is_made_to_its_end_and_its_result_kept(
    api: httpx.AsyncClient, someone: SignedIn, slow: SlowTool, begin: Begin
) -> None:
    turn_id = await begin(calling("mark_notifications_read"))
    data(await decide(api, someone, await waiting_call(api, someone), "once"))
    await slow.begun.wait()

    await stop(api, someone, turn_id)
    during = await read_turn(api, someone, turn_id)
    slow.may_end.set()
    ended = await closed(api, someone, turn_id)

    assert during["state"] == "running"
    assert (ended["state"], ended["finish_reason"]) == ("stopped", "stopped")
    assert result_of(ended)["data"] == {"text": "done"}
