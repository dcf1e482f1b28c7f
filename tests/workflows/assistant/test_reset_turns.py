"""The turns of a chat, reset to their first task by an operator: nothing is answered twice.

On the dev stack: the time-skipping server cannot reset.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from bson import ObjectId

from adapters.resources import Resources
from domain.journal.occurrences import OccurrenceType
from tests.support.accounts import make_account
from tests.support.approvals import decide, following, follows, waiting_call
from tests.support.chats import TURNS, accepted, answered, closed, new_chat, speaking
from tests.support.envelope import Json, data
from tests.support.occurrences import documents_of
from tests.support.people import SignedIn
from tests.workflows.operator import Operator
from workflows.assistant.turns import turns_workflow_id

Play = Callable[[httpx.AsyncClient, SignedIn, str], Awaitable[Json]]
"""Plays a turn in a chat to its end, and returns it."""


async def completed(api: httpx.AsyncClient, someone: SignedIn, chat_id: str) -> Json:
    return await answered(api, someone, chat_id, "say once")


async def failed(api: httpx.AsyncClient, someone: SignedIn, chat_id: str) -> Json:
    return await answered(api, someone, chat_id, "fail")


async def stopped(api: httpx.AsyncClient, someone: SignedIn, chat_id: str) -> Json:
    turn_id = (await accepted(api, someone, chat_id, "count 2000"))["turn_id"]
    await speaking(api, someone, turn_id)
    data(await api.post(f"{TURNS}/{turn_id}/stop", headers=someone.bearer))
    return await closed(api, someone, turn_id)


async def everything(resources: Resources, chat_id: str) -> list[Any]:
    """Return all that the stores hold about the chat."""
    database, chat = resources.clients.database, ObjectId(chat_id)
    return [
        await database["chats"].find({"_id": chat}).to_list(),
        await database["turns"].find({"chat_id": chat}).to_list(),
        await database["tool_calls"].find({"chat_id": chat}).to_list(),
        [each["_id"] for each in await documents_of(resources, chat_id, OccurrenceType.TURN_ENDED)],
    ]


@pytest.mark.parametrize("play", [completed, failed, stopped], ids=lambda play: play.__name__)
async def test_closed_turn_stays_as_it_is(
    api: httpx.AsyncClient, resources: Resources, operator: Operator, play: Play
) -> None:
    someone = await make_account(resources)
    chat_id = await new_chat(api, someone)
    ended = await play(api, someone, chat_id)
    before = await everything(resources, chat_id)

    await operator.resets_to(type(None), turns_workflow_id(resources.hashes.workflow_key(chat_id)))

    assert (ended["state"], ended["attempt"]) == (play.__name__, 1)
    assert await everything(resources, chat_id) == before
    assert len(before[-1]) == 1


async def test_approved_call_is_not_made_again(
    api: httpx.AsyncClient, resources: Resources, operator: Operator
) -> None:
    someone, other = [await make_account(resources) for _ in range(2)]
    chat_id = await new_chat(api, someone)
    turn = await accepted(api, someone, chat_id, following(other))
    data(await decide(api, someone, await waiting_call(api, someone), "once"))
    ended = await closed(api, someone, turn["turn_id"])
    before = await everything(resources, chat_id)

    await operator.resets_to(type(None), turns_workflow_id(resources.hashes.workflow_key(chat_id)))

    assert ended["parts"][0]["call"]["result"]["data"]["changed"]
    assert await everything(resources, chat_id) == before
    assert await follows(resources, someone, other)


async def test_call_that_waits_still_waits_after_a_reset(
    api: httpx.AsyncClient, resources: Resources, operator: Operator
) -> None:
    someone, other = [await make_account(resources) for _ in range(2)]
    chat_id = await new_chat(api, someone)
    turn = await accepted(api, someone, chat_id, following(other))
    call = await waiting_call(api, someone)

    await operator.resets_turns(chat_id)
    data(await decide(api, someone, call, "once"))
    ended = await closed(api, someone, turn["turn_id"])

    (made,) = [part["call"] for part in ended["parts"] if part["call"]]
    assert (ended["state"], made["call_id"], made["result"]["data"]["changed"]) == ("completed", call["call_id"], True)
    assert await follows(resources, someone, other)
