"""Calls in their collection: once for each id, five at once for each user, and no word in clear."""

import asyncio
import secrets
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from bson import ObjectId

from adapters.mongo.assistant.tools.tool_calls import ToolCallStore
from adapters.resources import Resources
from domain.assistant.tool_calls import SLOT_TTL, NewToolCall, ToolCallState
from domain.assistant.tools.registry import MAX_RUNNING
from domain.assistant.tools.results import ToolErrorCode, ToolResult, failure

NOW = datetime(2026, 11, 1, tzinfo=UTC)
RESULT = ToolResult({"text": "quince"})


@pytest.fixture
def calls(resources: Resources) -> ToolCallStore:
    return resources.assistant.tool_calls


@pytest.fixture
def user_id() -> str:
    return str(ObjectId())


def new_call(user_id: str, call_id: str | None = None) -> NewToolCall:
    return NewToolCall(str(ObjectId()), user_id, call_id or secrets.token_hex(8), "echo", {"text": "quince"}, "a-hash")


async def test_call_is_returned_as_it_was_stored_and_a_repeat_is_the_same_call(
    calls: ToolCallStore, user_id: str
) -> None:
    new = new_call(user_id)

    first, again = [await calls.begin(new, NOW) for _ in range(2)]

    assert first == again
    assert first is not None
    assert (first.tool, first.arguments, first.state) == ("echo", {"text": "quince"}, ToolCallState.RUNNING)


async def test_words_of_a_call_are_sealed(resources: Resources, calls: ToolCallStore, user_id: str) -> None:
    new = new_call(user_id)
    await calls.begin(new, NOW)
    await calls.finish(new.call_key, RESULT, NOW, execution_ms=3)

    document = await resources.clients.database["tool_calls"].find_one({"_id": ObjectId(new.call_key)})

    assert "quince" not in str(document)
    assert "echo" not in str(document)


async def test_first_result_stays(calls: ToolCallStore, user_id: str) -> None:
    new = new_call(user_id)
    await calls.begin(new, NOW)

    await calls.finish(new.call_key, RESULT, NOW, execution_ms=3)
    await calls.finish(new.call_key, failure(ToolErrorCode.TIMEOUT), NOW, execution_ms=None)

    call = await calls.find(new.call_key)
    assert call is not None
    assert (call.result, call.execution_ms, call.state) == (RESULT, 3, ToolCallState.DONE)


async def test_only_so_many_calls_of_a_user_run_at_once(calls: ToolCallStore, user_id: str) -> None:
    begun = await asyncio.gather(*(calls.begin(new_call(user_id), NOW) for _ in range(MAX_RUNNING * 3)))

    running = [call for call in begun if call]
    assert 1 <= len(running) <= MAX_RUNNING
    others = [await calls.begin(new_call(user_id), NOW) for _ in range(MAX_RUNNING)]
    assert len([call for call in [*begun, *others] if call]) == MAX_RUNNING
    await calls.finish(running[0].call_key, RESULT, NOW, execution_ms=3)
    assert await calls.begin(new_call(user_id), NOW)
    assert await calls.begin(new_call(str(ObjectId())), NOW)


async def test_repeats_at_the_same_moment_are_one_call_in_one_slot(
    resources: Resources, calls: ToolCallStore, user_id: str
) -> None:
    new = new_call(user_id)

    begun = await asyncio.gather(*(calls.begin(new, NOW) for _ in range(10)))

    assert {call.call_key for call in begun if call} == {new.call_key}
    assert None not in begun
    assert await resources.clients.database["tool_calls"].count_documents({"user_id": ObjectId(user_id)}) == 1


async def test_call_that_never_ended_gives_its_slot_back(calls: ToolCallStore, user_id: str) -> None:
    for _ in range(MAX_RUNNING):
        await calls.begin(new_call(user_id), NOW)

    assert await calls.begin(new_call(user_id), NOW + SLOT_TTL)


async def test_change_is_claimed_once_and_not_after_its_end(calls: ToolCallStore, user_id: str) -> None:
    new, ended = new_call(user_id), new_call(user_id)
    await calls.begin(new, NOW)
    await calls.begin(ended, NOW)
    await calls.finish(ended.call_key, RESULT, NOW, execution_ms=3)

    claimed = [await calls.claim(key, NOW) for key in (new.call_key, new.call_key, ended.call_key)]

    assert claimed == [True, False, False]


async def test_call_of_an_erased_user_is_gone_for_good(
    resources: Resources, calls: ToolCallStore, user_id: str
) -> None:
    new = new_call(user_id)
    await calls.begin(new, NOW)
    await resources.clients.database["tool_calls"].delete_many({"user_id": ObjectId(user_id)})

    await calls.finish(new.call_key, RESULT, NOW, execution_ms=3)

    assert await calls.find(new.call_key) is None


async def test_id_of_a_call_is_one_users_own(calls: ToolCallStore, user_id: str) -> None:
    mine = new_call(user_id, "call-0001")

    theirs = replace(new_call(str(ObjectId()), "call-0001"), arguments={})

    assert await calls.begin(mine, NOW) != await calls.begin(theirs, NOW)
