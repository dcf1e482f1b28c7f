"""Calls of a turn: refused, asked about or run at once; and an approval holds only so long as the right behind it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from activities.assistant.turn_calls import PrepareCalls
from domain.assistant.chats import Chat
from domain.assistant.language_models import CallAsked
from domain.assistant.tool_calls import STOPPED_BEFORE, Decision, ToolCall, ToolCallState
from domain.assistant.tools.registry import MAX_CALLS_PER_TURN
from domain.assistant.tools.results import ToolErrorCode, failure
from domain.assistant.turn_ends import TurnState
from domain.auth.key_format import PREFIX_LENGTH
from domain.notifications.notifications import NotificationType
from domain.users.users import Role
from tests.activities.assistant.turn_calling import TurnCalling, call_of
from tests.support.api_keys import store_key

ECHO, FOLLOW = call_of("echo", text="hello"), call_of("follow_user", username="alice")


def code_of(call: ToolCall) -> ToolErrorCode | None:
    return call.result.error.code if call.result and call.result.error else None


def codes_of(calls: Sequence[ToolCall]) -> Sequence[ToolErrorCode | None]:
    return [code_of(call) for call in calls]


async def change_user(calling: TurnCalling, **fields: object) -> None:
    users = calling.talks.resources.clients.database["users"]
    await users.update_one({"_id": ObjectId(calling.talks.user_id)}, {"$set": fields})


async def chat_that_allows_follows(calling: TurnCalling) -> Chat:
    """Return a chat without turns in which the user has said yes to one for the whole chat."""
    chat = await calling.talks.begin_chat()
    await calling.decide(await calling.prepared(FOLLOW, chat=chat), Decision.CHAT)
    await forget_turns(calling, chat)
    return chat


async def forget_turns(calling: TurnCalling, chat: Chat) -> None:
    await calling.talks.resources.clients.database["turns"].delete_many({"chat_id": ObjectId(chat.chat_id)})


async def test_tool_that_reads_is_approved_without_asking(calling: TurnCalling) -> None:
    (call,) = await calling.ask(ECHO)

    prepared, again = await calling.prepare(call), await calling.prepare(call)

    assert prepared == again
    assert [(each.call_id, each.expires_at, each.attempts) for each in prepared.calls] == [(call.call_id, None, 3)]
    assert (await calling.talks.call(call.call_id)).state is ToolCallState.APPROVED
    assert (await calling.turn(call)).state is TurnState.RUNNING


async def test_change_waits_for_its_user_and_so_does_the_turn(calling: TurnCalling) -> None:
    (call,) = await calling.ask(FOLLOW)

    prepared, again = await calling.prepare(call), await calling.prepare(call)

    assert prepared == again
    (only,) = prepared.calls
    assert only.expires_at
    assert (only.attempts, only.expires_at > datetime.now(UTC) + timedelta(minutes=9)) == (1, True)
    assert (await calling.turn(call)).state is TurnState.WAITING_APPROVAL


@pytest.mark.parametrize("has_socket", [False, True], ids=["no socket", "a socket"])
async def test_user_without_a_socket_in_the_chat_is_notified_once(calling: TurnCalling, has_socket: bool) -> None:
    """Whether the step is tried once or again, and by our own words alone."""
    resources, chat = calling.talks.resources, await calling.talks.begin_chat()
    place = chat.chat_id if has_socket else str(ObjectId())
    await resources.assistant.chat_sockets.add_socket(place, "a-socket", datetime.now(UTC), max_sockets=1)
    (call,) = await calling.ask(FOLLOW, chat=chat)

    for _ in range(2):
        await calling.prepare(call)

    told = (
        NotificationType.APPROVAL_REQUESTED,
        "The assistant asks for your approval",
        "Follow a user.",
        {"call_id": call.call_id, "chat_id": chat.chat_id},
    )
    page = await resources.notifications.notifications.list_page(
        calling.talks.user_id, skip=0, before=None, limit=10, unread_only=False
    )
    assert [(each.type, each.title, each.message, each.data) for each in page.rows] == [told] * (not has_socket)


async def test_change_that_the_chat_allows_does_not_wait(calling: TurnCalling) -> None:
    chat = await chat_that_allows_follows(calling)

    again = await calling.prepared(FOLLOW, chat=chat)
    other = await calling.prepared(call_of("block_user", username="alice"))

    assert (again.state, again.expires_at) == (ToolCallState.APPROVED, None)
    assert other.state is ToolCallState.WAITING


async def test_what_may_not_run_is_refused_and_the_others_go_on(calling: TurnCalling) -> None:
    asked = await calling.ask(call_of("unknown"), call_of("follow_user", user_id="0" * 24), ECHO)

    prepared = await calling.prepare(asked[0])

    assert codes_of([await calling.talks.call(call.call_id) for call in asked]) == [
        ToolErrorCode.TOOL_NOT_FOUND,
        ToolErrorCode.INVALID_PARAMETERS,
        None,
    ]
    assert [call.call_id for call in prepared.calls] == [asked[2].call_id]


@pytest.mark.parametrize(
    ("fields", "tools"),
    [({}, ["calculator"]), ({}, []), ({"role": Role.GUEST.value}, None), ({"is_active": False}, None)],
    ids=["not in the chat", "no tools in the chat", "guest", "deactivated"],
)
async def test_tool_that_the_user_may_not_use_in_this_chat_is_refused(
    calling: TurnCalling, fields: dict[str, object], tools: list[str] | None
) -> None:
    chat = await calling.talks.begin_chat(tools=tools)
    (call,) = await calling.ask(FOLLOW, chat=chat)
    await change_user(calling, **fields)

    prepared = await calling.prepare(call)

    assert prepared.calls == []
    assert code_of(await calling.talks.call(call.call_id)) is ToolErrorCode.UNAUTHORIZED


async def test_model_has_for_a_key_only_the_tools_in_its_scopes(calling: TurnCalling) -> None:
    talks, chat = calling.talks, await chat_that_allows_follows(calling)
    key = await store_key(talks.resources, talks.user_id, ["assistant:write", "profile:read"])
    by_key = replace(calling, talks=replace(talks, asker_id=key[:PREFIX_LENGTH]))
    asked = await by_key.ask(FOLLOW, call_of("my_profile"), call_of("list_notifications"), chat=chat)

    prepared = await by_key.prepare(asked[0])

    assert [call.call_id for call in prepared.calls] == [asked[1].call_id]
    assert codes_of([await talks.call(call.call_id) for call in asked]) == [
        ToolErrorCode.UNAUTHORIZED,
        None,
        ToolErrorCode.UNAUTHORIZED,
    ]


async def test_calls_beyond_those_of_a_turn_are_refused_in_whichever_round(calling: TurnCalling) -> None:
    earlier = await calling.ask(*[ECHO] * (MAX_CALLS_PER_TURN - 1))
    first = await calling.prepare(earlier[0])
    turn = await calling.turn(earlier[0])
    draft = replace(await calling.talks.draft(turn, ""), number=turn.open_part)
    last, beyond = await calling.talks.ask_for(draft, ECHO, ECHO)

    second = await calling.environment.run(calling.turn_calls.prepare, PrepareCalls(turn.turn_id, 1, 1))

    assert (len(first.calls), first.is_over_limit) == (MAX_CALLS_PER_TURN - 1, False)
    assert ([call.call_id for call in second.calls], second.is_over_limit) == ([last.call_id], True)
    assert code_of(await calling.talks.call(beyond.call_id)) is ToolErrorCode.CALL_LIMIT


async def test_turn_that_is_gone_or_answered_anew_has_nothing_to_run(calling: TurnCalling) -> None:
    (call,) = await calling.ask(FOLLOW)

    for turn_id, attempt in ((str(ObjectId()), 1), (str(call.turn_id), 2)):
        prepare = PrepareCalls(turn_id, attempt, 0)
        assert (await calling.environment.run(calling.turn_calls.prepare, prepare)).calls == []

    assert (await calling.talks.call(call.call_id)).state is ToolCallState.ASKED


async def test_deleted_chat_has_no_call_and_nothing_begins(calling: TurnCalling) -> None:
    chat, stores = await calling.talks.begin_chat(), calling.talks.resources.assistant
    call = await calling.prepared(FOLLOW, chat=chat)
    await calling.decide(call)
    await stores.chats.delete(calling.talks.user_id, chat.chat_id, calling.talks.now)
    await stores.upkeep.drop_chat(chat.chat_id, calling.talks.now)

    assert [await calling.look(call), await calling.start(call)] == [False, False]
    assert await stores.turn_calls.find_many(calling.talks.user_id, [call.call_id]) == []


@pytest.mark.parametrize("decision", list(Decision))
async def test_call_waits_until_it_is_decided(calling: TurnCalling, decision: Decision) -> None:
    call = await calling.prepared(FOLLOW)

    before = await calling.look(call)
    await calling.decide(call, decision)

    assert (before, await calling.look(call)) == (True, False)
    assert await calling.start(call) == (decision is not Decision.DECLINE)
    assert (await calling.turn(call)).state is TurnState.RUNNING


async def test_call_that_is_decided_too_late_is_declined(calling: TurnCalling) -> None:
    call = await calling.prepared(FOLLOW)

    late = await calling.look(call, is_late=True)

    assert not late
    assert code_of(await calling.talks.call(call.call_id)) is ToolErrorCode.DECLINED


async def test_yes_in_the_last_moment_stays_a_yes(calling: TurnCalling) -> None:
    call = await calling.prepared(FOLLOW)
    await calling.decide(call)

    await calling.look(call, is_late=True)

    assert await calling.start(call)


@pytest.mark.parametrize("asked", [FOLLOW, ECHO], ids=["waits", "reads"])
async def test_call_of_a_turn_that_is_to_stop_does_not_begin(calling: TurnCalling, asked: CallAsked) -> None:
    call = await calling.prepared(asked)
    await calling.talks.resources.assistant.messages.stop(calling.talks.user_id, str(call.turn_id), calling.talks.now)

    assert [await calling.look(call), await calling.start(call)] == [False, False]
    assert (await calling.talks.call(call.call_id)).result == failure(ToolErrorCode.DECLINED, STOPPED_BEFORE)


@pytest.mark.parametrize("asked", [FOLLOW, ECHO], ids=["waits", "reads"])
async def test_call_of_a_turn_whose_time_is_over_does_not_begin(calling: TurnCalling, asked: CallAsked) -> None:
    call = await calling.prepared(asked)

    assert not await calling.start(call, is_late=True)
    assert code_of(await calling.talks.call(call.call_id)) is ToolErrorCode.TIMEOUT


async def test_approval_is_void_once_its_session_is_ended(calling: TurnCalling) -> None:
    call = await calling.prepared(FOLLOW)
    await calling.decide(call)
    await calling.talks.resources.auth.sessions.end(calling.session_id, calling.talks.now)

    assert not await calling.start(call)
    assert code_of(await calling.talks.call(call.call_id)) is ToolErrorCode.DECLINED


async def test_yes_for_the_chat_is_void_once_its_session_is_ended(calling: TurnCalling) -> None:
    chat = await chat_that_allows_follows(calling)
    allowed = await calling.prepared(FOLLOW, chat=chat)
    await calling.talks.resources.auth.sessions.end(calling.session_id, calling.talks.now)

    has_begun = await calling.start(allowed)
    await forget_turns(calling, chat)
    asked = await calling.prepared(FOLLOW, chat=chat)

    assert (has_begun, code_of(await calling.talks.call(allowed.call_id))) == (False, ToolErrorCode.DECLINED)
    assert asked.state is ToolCallState.WAITING


async def test_approval_is_void_once_its_user_is_deactivated(calling: TurnCalling) -> None:
    call = await calling.prepared(FOLLOW)
    await calling.decide(call)
    await change_user(calling, is_active=False)

    ended = await calling.carry_out(call)

    assert code_of(ended) is ToolErrorCode.UNAUTHORIZED


async def test_turn_waits_as_long_as_one_of_its_calls_does(calling: TurnCalling) -> None:
    first, second = await calling.ask(FOLLOW, FOLLOW)
    await calling.prepare(first)

    states = []
    for call in (first, second):
        await calling.decide(call)
        await calling.start(call)
        states.append((await calling.turn(call)).state)

    assert states == [TurnState.WAITING_APPROVAL, TurnState.RUNNING]


async def test_call_that_has_its_result_does_not_begin_and_one_that_began_goes_on(calling: TurnCalling) -> None:
    call = await calling.prepared(ECHO)

    begun = [await calling.start(call), await calling.start(call)]
    ended = await calling.carry_out(call)

    assert begun == [True, True]
    assert ended.state is ToolCallState.DONE
    assert not await calling.start(call)
