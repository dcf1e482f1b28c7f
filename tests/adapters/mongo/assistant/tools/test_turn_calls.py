"""Calls that models ask for: stored as they were uttered, decided once by their user, begun within the slots."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from bson import ObjectId

from adapters.mongo.assistant.tools.turn_calls import TurnCallStore
from domain.assistant.chats import Chat
from domain.assistant.errors import ApprovalClosed, ApprovalNotFound
from domain.assistant.language_models import CallAsked
from domain.assistant.tool_calls import APPROVAL_TIMEOUT, Decision, ToolCall, ToolCallState
from domain.assistant.tools.registry import MAX_NAME_LENGTH, MAX_RUNNING
from domain.assistant.tools.results import ToolErrorCode, ToolResult, failure
from domain.assistant.writing import NewerWriter
from domain.journal.occurrences import OccurrenceType
from tests.support.accounts import make_unknown
from tests.support.notifications import new_notifications
from tests.support.occurrences import documents_of
from tests.support.talks import Talks, talks_of

ECHO, FOLLOW = CallAsked("echo", '{"text": "quince"}'), CallAsked("follow_user", '{"username": "quince"}')
SESSION = "5" * 24
UNKNOWN = failure(ToolErrorCode.TOOL_NOT_FOUND)


@pytest.fixture
def calls(talks: Talks) -> TurnCallStore:
    return talks.resources.assistant.turn_calls


@pytest.fixture
async def waiting(talks: Talks, chat: Chat, calls: TurnCallStore) -> ToolCall:
    """A call that waits for its user."""
    (call,) = await talks.call_tools(chat.chat_id, FOLLOW)
    await calls.require_approval(call, talks.now)
    return await talks.call(call.call_id)


async def approved(talks: Talks, chat: Chat, count: int) -> Sequence[ToolCall]:
    asked = await talks.call_tools(chat.chat_id, *[ECHO] * count)
    for call in asked:
        await talks.resources.assistant.turn_calls.approve_without_asking(call.call_key, talks.now)
    return asked


async def decide(talks: Talks, call_id: str, decision: Decision = Decision.ONCE) -> ToolCall:
    return await talks.resources.assistant.turn_calls.decide(talks.user_id, call_id, decision, SESSION, talks.now)


async def test_round_that_is_asked_again_replaces_what_was_uttered_before(
    talks: Talks, chat: Chat, calls: TurnCallStore
) -> None:
    await talks.send(chat.chat_id)
    draft = await talks.draft(await talks.begin(chat.chat_id), "")

    first = await calls.ask(draft, [ECHO, ECHO], talks.now)
    again = await calls.ask(draft, [FOLLOW, ECHO], talks.now)

    assert first == again
    assert [(call.tool, call.state) for call in await calls.find_many(talks.user_id, again)] == [
        ("follow_user", ToolCallState.ASKED),
        ("echo", ToolCallState.ASKED),
    ]


async def test_call_that_has_gone_on_is_not_replaced(talks: Talks, chat: Chat, calls: TurnCallStore) -> None:
    await talks.send(chat.chat_id)
    draft = await talks.draft(await talks.begin(chat.chat_id), "")
    (call,) = await talks.resources.assistant.turn_calls.find_many(
        talks.user_id, await calls.ask(draft, [ECHO], talks.now)
    )
    await calls.approve_without_asking(call.call_key, talks.now)

    await calls.ask(draft, [FOLLOW, FOLLOW], talks.now)

    assert (await talks.call(call.call_id)).tool == "echo"


@pytest.mark.parametrize("is_gone", [False, True], ids=["overtaken", "gone"])
async def test_older_writer_and_one_whose_turn_is_gone_store_no_call(
    talks: Talks, chat: Chat, calls: TurnCallStore, is_gone: bool
) -> None:
    await talks.send(chat.chat_id)
    turn = await talks.begin(chat.chat_id)
    older = await talks.draft(turn, "")
    if is_gone:
        await talks.resources.clients.database["turns"].delete_one({"_id": ObjectId(turn.turn_id)})
    else:
        await talks.draft(turn, "")

    with pytest.raises(NewerWriter):
        await calls.ask(older, [FOLLOW], talks.now)

    assert await talks.resources.clients.database["tool_calls"].count_documents({"turn_id": turn.turn_id}) == 0


@pytest.mark.parametrize(
    "arguments", ["[]", '{"text": "hal', "a" * 40_000, '{"text": "\\ud800"}'], ids=["list", "half", "long", "surrogate"]
)
async def test_arguments_that_are_no_object_have_their_result_at_once(talks: Talks, chat: Chat, arguments: str) -> None:
    (call,) = await talks.call_tools(chat.chat_id, CallAsked("echo", arguments))

    assert (call.state, call.arguments) == (ToolCallState.DONE, {})
    assert call.result is not None
    assert call.result.error is not None
    assert call.result.error.code is ToolErrorCode.INVALID_PARAMETERS


async def test_any_name_is_stored_to_its_limit(talks: Talks, chat: Chat) -> None:
    long, half, empty = await talks.call_tools(
        chat.chat_id, *[CallAsked(name, "{}") for name in ("n" * 1_000, "\ud800", "")]
    )

    assert (long.tool, half.tool, empty.tool) == ("n" * MAX_NAME_LENGTH, "?", "")


async def test_calls_of_a_round_come_in_the_order_in_which_they_were_uttered(
    talks: Talks, chat: Chat, calls: TurnCallStore
) -> None:
    asked = [CallAsked("echo", f'{{"text": "{number}"}}') for number in range(50)]
    first = await talks.call_tools(chat.chat_id, *asked)
    turn = await talks.turn(str(first[0].turn_id))
    await talks.ask_for(replace(await talks.draft(turn, ""), number=turn.open_part), FOLLOW)

    found = await calls.find_round(await talks.turn(turn.turn_id), 0)

    assert [call.arguments["text"] for call in found] == [str(number) for number in range(50)]
    assert [call.tool for call in await calls.find_round(await talks.turn(turn.turn_id), 1)] == ["follow_user"]


async def test_turns_are_read_with_their_own_calls(talks: Talks, chat: Chat, calls: TurnCallStore) -> None:
    (call,) = await talks.call_tools(chat.chat_id, ECHO)
    bare = await talks.send((await talks.begin_chat()).chat_id)

    turns = await calls.attach([await talks.turn(str(call.turn_id)), bare])

    assert [turn.calls for turn in turns] == [{call.call_id: call}, {}]


async def test_user_is_notified_once_of_a_call_however_many_workers_have_it_wait(
    talks: Talks, chat: Chat, calls: TurnCallStore
) -> None:
    (call,) = await talks.call_tools(chat.chat_id, FOLLOW)
    notification = new_notifications()[0]

    await asyncio.gather(*(calls.require_approval(call, talks.now, notification) for _ in range(5)))

    stored = talks.resources.clients.database["notifications"].find({"dedupe_key": notification.dedupe_key})
    assert [document["seq"] for document in await stored.to_list()] == [1]


async def test_user_decides_once_however_many_answer_at_once(talks: Talks, waiting: ToolCall) -> None:
    answers = [Decision.ONCE, Decision.DECLINE] * 10

    decided = await asyncio.gather(
        *(decide(talks, waiting.call_id, answer) for answer in answers), return_exceptions=True
    )

    (call,) = [each for each in decided if isinstance(each, ToolCall)]
    assert {type(each) for each in decided if each is not call} == {ApprovalClosed}
    assert await talks.call(waiting.call_id) == call
    kinds = (OccurrenceType.TOOL_CALL_APPROVED, OccurrenceType.TOOL_CALL_DECLINED)
    assert len(await documents_of(talks.resources, str(call.chat_id), *kinds)) == 1


async def test_decision_after_its_time_is_refused(talks: Talks, waiting: ToolCall, calls: TurnCallStore) -> None:
    late = talks.at(seconds=APPROVAL_TIMEOUT.total_seconds())

    with pytest.raises(ApprovalClosed):
        await decide(late, waiting.call_id)

    assert [call.call_id for call in await calls.list_waiting(talks.user_id, talks.now)] == [waiting.call_id]
    assert await calls.list_waiting(talks.user_id, late.now) == []


async def test_call_of_another_user_is_not_found(talks: Talks, waiting: ToolCall, calls: TurnCallStore) -> None:
    other = talks_of(talks.resources, (await make_unknown(talks.resources)).user["_id"])

    with pytest.raises(ApprovalNotFound):
        await decide(other, waiting.call_id)

    assert await calls.list_waiting(other.user_id, talks.now) == []


async def test_call_that_asks_for_no_approval_cannot_be_decided(talks: Talks, chat: Chat) -> None:
    (call,) = await talks.call_tools(chat.chat_id, ECHO)

    for call_id in (call.call_id, "unknown-call"):
        with pytest.raises(ApprovalNotFound):
            await decide(talks, call_id)


async def test_yes_for_the_chat_allows_the_tool_there_and_nowhere_else(
    talks: Talks, chat: Chat, waiting: ToolCall
) -> None:
    other = await talks.begin_chat()

    await decide(talks, waiting.call_id, Decision.CHAT)

    allowed = [(await talks.chat(each.chat_id)).allowed_tools for each in (chat, other)]
    assert allowed == [{"follow_user": SESSION}, {}]


@pytest.mark.parametrize("decision", [Decision.ONCE, Decision.DECLINE])
async def test_yes_and_no_for_one_call_allow_nothing_more(
    talks: Talks, chat: Chat, waiting: ToolCall, decision: Decision
) -> None:
    await decide(talks, waiting.call_id, decision)

    assert (await talks.chat(chat.chat_id)).allowed_tools == {}


async def test_refusal_that_comes_after_a_yes_is_without_effect(
    talks: Talks, waiting: ToolCall, calls: TurnCallStore
) -> None:
    await decide(talks, waiting.call_id)

    await calls.refuse(waiting, UNKNOWN, talks.now)

    assert (await talks.call(waiting.call_id)).state is ToolCallState.APPROVED


async def test_result_of_a_refused_call_stays(talks: Talks, chat: Chat, calls: TurnCallStore) -> None:
    (call,) = await talks.call_tools(chat.chat_id, ECHO)

    for result in (UNKNOWN, failure(ToolErrorCode.DECLINED)):
        await calls.refuse(call, result, talks.now)
    await calls.require_approval(call, talks.now)
    await calls.approve_without_asking(call.call_key, talks.now)

    assert (await talks.call(call.call_id)).result == UNKNOWN


async def test_call_begins_in_a_free_slot_and_without_one_has_its_result(
    talks: Talks, chat: Chat, calls: TurnCallStore
) -> None:
    asked = await approved(talks, chat, MAX_RUNNING + 1)

    begun = [await calls.start(call.call_key, talks.now) for call in [*asked, asked[0]]]
    await talks.resources.assistant.tool_calls.finish(asked[0].call_key, ToolResult({}), talks.now, execution_ms=1)

    assert begun == [True] * MAX_RUNNING + [False, True]
    assert (await talks.call(asked[-1].call_id)).result == failure(ToolErrorCode.CONCURRENCY_LIMIT)
    (another,) = await approved(talks, await talks.begin_chat(), 1)
    assert await calls.start(another.call_key, talks.now)


async def test_calls_that_begin_at_once_hold_slots_of_their_own(talks: Talks, chat: Chat, calls: TurnCallStore) -> None:
    asked = await approved(talks, chat, MAX_RUNNING)

    await asyncio.gather(*(calls.start(call.call_key, talks.now) for call in asked))

    found = talks.resources.clients.database["tool_calls"].find({"user_id": ObjectId(talks.user_id)})
    slots = [each["slot"] for each in await found.to_list() if "slot" in each]
    assert len(slots) == len(set(slots))


async def test_call_that_is_not_approved_does_not_begin(talks: Talks, waiting: ToolCall, calls: TurnCallStore) -> None:
    begun = [await calls.start(key, talks.now) for key in (waiting.call_key, str(ObjectId()))]

    assert begun == [False, False]


@pytest.mark.parametrize("decision", list(Decision))
async def test_no_word_of_a_call_is_in_clear(talks: Talks, waiting: ToolCall, decision: Decision) -> None:
    await decide(talks, waiting.call_id, decision)
    database = talks.resources.clients.database

    document = await database["tool_calls"].find_one({"_id": ObjectId(waiting.call_key)})
    (occurrence,) = await documents_of(
        talks.resources,
        str(waiting.chat_id),
        OccurrenceType.TOOL_CALL_APPROVED,
        OccurrenceType.TOOL_CALL_DECLINED,
    )

    assert "quince" not in repr(document)
    assert "follow_user" not in repr(document)
    assert "quince" not in repr(occurrence)
    assert occurrence["public"] == {"call": waiting.call_key, "decision": decision, "tool": "follow_user"}


async def test_expiry_is_as_far_off_as_the_user_has_time(talks: Talks, waiting: ToolCall) -> None:
    assert waiting.expires_at == talks.now + timedelta(minutes=10)
