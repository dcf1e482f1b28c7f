"""Calls of tools through outages: a decision is kept and carried out, and no change is made twice."""

import asyncio
import signal

import httpx
import pytest

from adapters.resources import Resources
from devstack.stack import Stack
from tests.faults.outages import away, send_signal
from tests.support.accounts import make_account
from tests.support.approvals import decide, following, follows, waiting_call
from tests.support.chats import TURNS, accepted, closed, new_chat
from tests.support.envelope import Json, data
from tests.support.people import SignedIn
from tests.support.polling import eventually

LONG = 60.0


@pytest.fixture
async def other(resources: Resources) -> SignedIn:
    """Another user, who is to be followed."""
    return await make_account(resources)


async def waiting(api: httpx.AsyncClient, someone: SignedIn, other: SignedIn) -> Json:
    """The call of a turn that waits for its user to approve a follow."""
    await accepted(api, someone, await new_chat(api, someone), following(other))
    return await waiting_call(api, someone)


async def ended(api: httpx.AsyncClient, someone: SignedIn, call: Json) -> tuple[str, Json]:
    """State of the turn when it is closed, and the result of its call."""
    turn = await closed(api, someone, call["turn_id"], within=LONG)
    return turn["state"], turn["parts"][0]["call"]["result"]


async def test_change_whose_worker_was_killed_is_reported_as_unknown_and_not_repeated(
    stack: Stack, api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn
) -> None:
    call = await waiting(api, someone, other)

    async with away(stack, "neo4j"):
        data(await decide(api, someone, call, "once"))
        await eventually(lambda: is_tried(resources, call))
        send_signal(stack, "worker", signal.SIGKILL)
    state, result = await ended(api, someone, call)

    assert (state, result["error"]["code"]) == ("completed", "EXECUTION_FAILED")
    assert not await follows(resources, someone, other)


async def test_what_was_decided_or_stopped_without_temporal_is_carried_out_later(
    stack: Stack, api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn
) -> None:
    approved, stopped = await asyncio.gather(waiting(api, someone, other), waiting(api, other, someone))

    async with away(stack, "temporal"):
        data(await decide(api, someone, approved, "once"))
        data(await api.post(f"{TURNS}/{stopped['turn_id']}/stop", headers=other.bearer))
    of_approved, of_stopped = await asyncio.gather(ended(api, someone, approved), ended(api, other, stopped))

    assert (of_approved[0], of_approved[1]["data"]["changed"]) == ("completed", True)
    assert (of_stopped[0], of_stopped[1]["error"]["code"]) == ("stopped", "DECLINED")
    assert await follows(resources, someone, other)
    assert not await follows(resources, other, someone)


async def is_tried(resources: Resources, call: Json) -> bool:
    """Whether the change is being made."""
    calls = resources.clients.database["tool_calls"]
    wanted = {"turn_id": call["turn_id"], "call_id": call["call_id"], "claimed_at": {"$ne": None}}
    return await calls.count_documents(wanted) == 1
