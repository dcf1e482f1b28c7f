"""What an export says of the account itself, and what was said to the assistant."""

import json

from adapters.resources import Resources
from domain.assistant.chats import ChatChange
from domain.assistant.language_models import CallAsked
from domain.assistant.tools.results import ToolResult
from domain.assistant.turn_ends import ENDS, RoundEnd
from domain.assistant.turns import Usage
from domain.users.grants import GrantKind
from tests.support.accounts import make_account
from tests.support.rights import give, make_admin
from tests.support.sweep import pause_sweep
from tests.support.talks import talks_of


async def test_grants_are_exported_with_their_reason_and_without_their_giver(resources: Resources) -> None:
    admin, someone = await make_admin(resources), await make_account(resources)
    await give(resources, admin, someone, GrantKind.PERMISSION, "audit:read")

    (account,) = [row async for row in resources.accounts.personal_records.account(someone.user["_id"])]

    grants = account["grants"]
    assert isinstance(grants, list)
    (grant,) = grants
    assert grant.keys() == {"kind", "name", "until", "reason", "at"}
    assert (grant["name"], grant["reason"]) == ("audit:read", "on call")


async def test_chats_and_turns_are_exported_in_clear(resources: Resources) -> None:
    talks, stores = talks_of(resources, (await make_account(resources)).user["_id"]), resources.assistant
    async with pause_sweep(resources):
        chat_id = (await talks.begin_chat(metadata={"topic": "drinks"})).chat_id
        await stores.chats.change(talks.user_id, chat_id, ChatChange(title="Tea \u2615"), talks.now)
        await talks.send(chat_id, "Green or black?")
        turn = await talks.begin(chat_id)
        await stores.answers.end_round(await talks.draft(turn, "Green."), RoundEnd.DONE, Usage())
        await talks.finish(turn, ENDS[RoundEnd.DONE])

    (chat,) = [row async for row in resources.accounts.personal_records.rows("chats", talks.user_id, talks.now)]
    (said,) = [row async for row in resources.accounts.personal_records.rows("turns", talks.user_id, talks.now)]

    assert (chat["title"], chat["metadata"], chat["turns"]) == ("Tea \u2615", '{"topic": "drinks"}', 1)
    assert (said["text"], said["state"], str(said["chat_id"])) == ("Green or black?", "completed", chat_id)
    assert said["parts"] == [{"kind": "text", "text": "Green.", "call_id": None}]
    assert {"body_hash", "writer"} & (chat.keys() | said.keys()) == set()


async def test_calls_of_tools_are_exported_in_clear(resources: Resources) -> None:
    talks = talks_of(resources, (await make_account(resources)).user["_id"])
    async with pause_sweep(resources):
        chat_id = (await talks.begin_chat()).chat_id
        (call,) = await talks.call_tools(chat_id, CallAsked("echo", '{"text": "Tea \u2615"}'))
        await resources.assistant.turn_calls.refuse(call, ToolResult({"text": "Tea"}), talks.now)
        await talks.finish(await talks.turn(str(call.turn_id)), ENDS[RoundEnd.DONE])

    (row,) = [row async for row in resources.accounts.personal_records.rows("tool_calls", talks.user_id, talks.now)]

    assert (row["call_id"], row["tool"], row["state"]) == (call.call_id, "echo", "done")
    assert json.loads(str(row["arguments"])) == {"text": "Tea \u2615"}
    assert json.loads(str(row["result"])) == {"success": True, "data": {"text": "Tea"}}
    assert {"body_hash", "decided_by_session"} & row.keys() == set()
