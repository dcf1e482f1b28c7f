"""A client calls tools, approves what the assistant asks for, and is given the turns of other devices."""

import asyncio
from collections.abc import Sequence

import pytest
from pymongo.errors import AutoReconnect

from adapters.mongo.assistant.turns import TurnStore
from adapters.resources import Resources
from config.settings import Settings
from decode_client import (
    ApprovalClosed,
    ApprovalRequested,
    CallEvent,
    DecodeClient,
    DecodeError,
    ToolResult,
    ToolStarted,
)
from devstack.stack import Stack
from domain.assistant.turns import Turn
from tests.gateway.serving import serving
from tests.sdk.python.conftest import client_at, lossy_talk
from tests.support.accounts import make_account
from tests.support.approvals import calling, following, follows
from tests.support.people import SignedIn
from tests.support.polling import eventually


async def test_tools_are_shown_and_called_and_a_failure_is_a_result(signed_in: DecodeClient) -> None:
    async with signed_in.chats.talk() as chat:
        listed = await chat.list_tools(category="utility")
        tool = await chat.get_tool_info("echo")
        results = [await chat.call_tool("echo", {"text": text}, call_id="call-0001") for text in ("one", "one")]
        failed, info = await asyncio.gather(chat.call_tool("echo", {"text": 1}), chat.get_session_info())
        with pytest.raises(DecodeError, match="ToolNotFound"):
            await chat.get_tool_info("none")
        with pytest.raises(DecodeError, match="IdempotencyKeyReused"):
            await chat.call_tool("echo", {"text": "two"}, call_id="call-0001")

    assert tool in listed
    assert [(each.success, each.data, each.error) for each in results] == [(True, {"text": "one"}, None)] * 2
    assert (failed.success, failed.error and failed.error.code) == (False, "INVALID_PARAMETERS")
    assert (info.session_id, info.status, info.message_count, info.open_turns) == (chat.chat_id, "active", 0, [])


async def test_call_whose_result_is_lost_is_one_call(stack: Stack, someone: SignedIn) -> None:
    async with lossy_talk(stack.url("api"), someone) as (beside, network, chat):

        async def bio() -> str | None:
            return (await beside.profiles.get_own()).bio

        async def is_changed() -> bool:
            return await bio() == "new"

        network.is_one_way = True
        call = asyncio.create_task(chat.call_tool("set_bio", {"bio": "new"}))
        await eventually(is_changed)
        await beside.profiles.set_bio(bio="newer")
        network.cut()

        assert (await call).success
        assert await bio() == "newer"


async def test_call_in_a_turn_of_another_device_is_approved_here(
    stack: Stack, resources: Resources, someone: SignedIn
) -> None:
    other = await make_account(resources)
    async with (
        lossy_talk(stack.url("api"), someone) as (beside, network, chat),
        beside.chats.talk(chat.chat_id) as there,
    ):
        turn = await there.say(following(other))
        shown = await anext(chat.turns())
        events = aiter(shown.events())
        requested = await anext(events)
        assert isinstance(requested, ApprovalRequested)
        network.is_one_way = True
        approving = asyncio.create_task(chat.answer_approval(requested.call_id, "once"))
        told_there = [event async for event in turn.events()]
        network.cut()
        await approving
        decided, started, ended, *pieces = [event async for event in events]

    assert (shown.message, requested.summary) == (following(other), f"Follow @{other.person.username}.")
    assert isinstance(decided, ApprovalClosed)
    assert (decided.decision, decided.arguments) == ("once", {"username": other.person.username})
    assert isinstance(started, ToolStarted)
    assert isinstance(ended, ToolResult)
    assert ended.result.success
    assert "".join(map(str, pieces)) == shown.text
    assert [event for event in told_there if isinstance(event, CallEvent)] == [requested, decided, started, ended]
    assert await follows(resources, someone, other)


async def test_turns_of_other_devices_are_given_once_also_those_that_were_missed(
    stack: Stack, someone: SignedIn
) -> None:
    async with (
        lossy_talk(stack.url("api"), someone) as (beside, network, chat),
        beside.chats.talk(chat.chat_id) as there,
        asyncio.timeout(60),
    ):
        turns, later = chat.turns(), chat.turns(after=4)
        await there.say("say one")
        given = [await anext(turns)]
        next_turn = asyncio.create_task(anext(turns))
        assert [(await chat.history()).next_before for _ in range(2)] == [None, None]
        network.is_one_way = True
        await (await there.say(calling("echo", text="two"))).end()
        with pytest.raises(DecodeError, match="ModelUnavailable"):
            await (await there.say("fail")).end()
        network.cut()
        given += [await next_turn, await anext(turns)]
        missed = [event async for event in given[1].events()]
        # A retry before that end would be a later attempt of the same turn here.
        with pytest.raises(DecodeError, match="ModelUnavailable"):
            await given[2].end()
        with pytest.raises(DecodeError, match="ModelUnavailable"):
            await (await there.retry(given[2].turn_id)).end()
        given.append(await anext(turns))
        given += [await chat.say("say four"), await anext(turns)]
        last = await anext(later)

    texts = [turn.message for turn in given]
    assert texts == ["say one", calling("echo", text="two"), "fail", "fail", "say four", "say four"]
    assert given[2] is not given[3]
    assert [type(event) for event in missed[:2]] == [ToolStarted, ToolResult]
    assert last.message == "fail"
    assert [turn async for turn in turns] == []


async def test_turn_is_given_though_the_history_could_not_be_read_at_once(
    settings: Settings, someone: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, away = TurnStore.list_before, [AutoReconnect("away")]

    async def fail_first(store: TurnStore, chat_id: str, number: int | None, *, limit: int) -> Sequence[Turn]:
        if away:
            raise away.pop()
        return await read(store, chat_id, number, limit=limit)

    monkeypatch.setattr(TurnStore, "list_before", fail_first)
    async with serving(settings) as url, client_at(url, someone) as decode, decode.chats.talk() as chat:
        await chat.say("say one")

        assert (await anext(chat.turns())).message == "say one"
