"""The assistant calls tools: what reads runs at once, a change only after a yes, from any device, once."""

import asyncio

import httpx
import pytest

from adapters.resources import Resources
from tests.support.api_keys import store_key, with_key
from tests.support.approvals import calling, decide, following, follows, waiting_call
from tests.support.chat_client import ChatClient, chatting
from tests.support.chats import accepted, answered, closed, new_chat, read_turn, said
from tests.support.envelope import Json, data, refusal
from tests.support.people import SignedIn
from tests.support.polling import eventually


async def notified(api: httpx.AsyncClient, someone: SignedIn) -> list[Json]:
    """The notifications of a user."""
    page: list[Json] = data(await api.get("/notifications", headers=someone.bearer))["notifications"]
    return page


async def test_tool_that_reads_runs_and_its_result_is_told(url: str, someone: SignedIn) -> None:
    async with chatting(someone, url) as client:
        turn_id = await client.say(calling("calculator", expression="6 * 7"))
        started = await client.socket.receive("tool_started")
        ended = await client.socket.receive("tool_result")
        heard = await client.hear(turn_id)

    assert (started["toolName"], started["part"], started["arguments"]) == ("calculator", 0, {"expression": "6 * 7"})
    assert ended["result"]["success"]
    assert "42" in heard.text


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (calling("unknown_tool"), "TOOL_NOT_FOUND"),
        (calling("calculator", expression=7), "INVALID_PARAMETERS"),
        ("call calculator {half", "INVALID_PARAMETERS"),
        (calling("follow_user", user_id="0" * 24), "INVALID_PARAMETERS"),
    ],
    ids=["unknown", "wrong type", "half JSON", "an id"],
)
async def test_call_that_may_not_run_is_a_result_for_the_model(
    api: httpx.AsyncClient, someone: SignedIn, message: str, code: str
) -> None:
    turn = await answered(api, someone, await new_chat(api, someone), message)

    assert turn["parts"][0]["call"]["result"]["error"]["code"] == code
    assert code in said(turn)


async def test_model_has_for_a_key_no_tool_beyond_its_scopes(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    key = await store_key(resources, someone.user["_id"], ["assistant:read", "assistant:write"])
    messages = f"/assistant/chats/{await new_chat(api, someone)}/messages"

    sent = data(await api.post(messages, json={"text": calling("my_profile")}, headers=with_key(key)))

    assert sent["turn"]["parts"][0]["call"]["result"]["error"]["code"] == "UNAUTHORIZED"


async def test_user_is_notified_of_a_call_that_no_socket_in_its_chat_shows(
    url: str, api: httpx.AsyncClient, someone: SignedIn, other: SignedIn
) -> None:
    async with chatting(someone, url) as client:
        await client.say(following(other))
        await client.socket.receive("approval_requested")
        elsewhere = await new_chat(api, someone)
        await accepted(api, someone, elsewhere, following(other))
        page = await eventually(lambda: notified(api, someone))

    (notification,) = page
    assert (notification["type"], notification["data"]["chat_id"]) == ("approval_requested", elsewhere)
    assert other.person.username not in str(notification)


async def test_declined_change_is_not_made_and_the_model_is_told(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn
) -> None:
    turn = await accepted(api, someone, await new_chat(api, someone), following(other))
    call = await waiting_call(api, someone)
    shown = await read_turn(api, someone, turn["turn_id"])

    data(await decide(api, someone, call, "decline"))
    ended = await closed(api, someone, turn["turn_id"])

    assert shown["state"] == "waiting_approval"
    assert "DECLINED" in said(ended)
    assert not await follows(resources, someone, other)


async def test_call_is_decided_once(api: httpx.AsyncClient, someone: SignedIn, other: SignedIn) -> None:
    await accepted(api, someone, await new_chat(api, someone), following(other))
    call = await waiting_call(api, someone)

    answers = await asyncio.gather(*(decide(api, someone, call, decision) for decision in ("once", "decline")))

    assert sorted(each.status_code for each in answers) == [200, 409]
    assert refusal(await decide(api, someone, call, "once")) == (409, "ApprovalClosed")


async def test_yes_for_the_chat_needs_no_second_one(api: httpx.AsyncClient, someone: SignedIn, other: SignedIn) -> None:
    chat_id = await new_chat(api, someone)
    turn = await accepted(api, someone, chat_id, following(other))
    data(await decide(api, someone, await waiting_call(api, someone), "chat"))
    await closed(api, someone, turn["turn_id"])

    second = await answered(api, someone, chat_id, following(other))

    assert second["parts"][0]["call"]["result"]["success"]
    assert second["parts"][0]["call"]["expires_at"] is None


async def test_stop_declines_what_waits(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn
) -> None:
    turn = await accepted(api, someone, await new_chat(api, someone), following(other))
    call = await waiting_call(api, someone)

    data(await api.post(f"/assistant/turns/{turn['turn_id']}/stop", headers=someone.bearer))
    ended = await closed(api, someone, turn["turn_id"])

    assert ended["state"] == "stopped"
    assert refusal(await decide(api, someone, call, "once")) == (409, "ApprovalClosed")
    assert not await follows(resources, someone, other)


async def test_nothing_more_begins_in_a_turn_that_was_stopped(
    api: httpx.AsyncClient, someone: SignedIn, other: SignedIn
) -> None:
    message = f"{following(other)}\n{calling('echo', text='later')}"
    turn = await accepted(api, someone, await new_chat(api, someone), message)
    await waiting_call(api, someone)

    data(await api.post(f"/assistant/turns/{turn['turn_id']}/stop", headers=someone.bearer))
    ended = await closed(api, someone, turn["turn_id"])

    codes = [part["call"]["result"]["error"]["code"] for part in ended["parts"]]
    assert (ended["state"], codes) == ("stopped", ["DECLINED"] * 2)


async def test_several_calls_of_a_round_run_in_order(api: httpx.AsyncClient, someone: SignedIn) -> None:
    lines = "\n".join(calling("echo", text=text) for text in ("first", "second"))

    turn = await answered(api, someone, await new_chat(api, someone), lines)

    assert [part["kind"] for part in turn["parts"]] == ["tool_call", "tool_call", "text"]
    assert said(turn).index("first") < said(turn).index("second")


async def test_turn_with_too_many_calls_ends_at_the_limit(api: httpx.AsyncClient, someone: SignedIn) -> None:
    lines = "\n".join(calling("echo", text="again") for _ in range(25))

    turn = await answered(api, someone, await new_chat(api, someone), lines)

    results = [part["call"]["result"] for part in turn["parts"] if part["call"]]
    assert (turn["state"], turn["finish_reason"]) == ("completed", "tool_limit")
    assert [each["success"] for each in results] == [True] * 20 + [False]


async def call_tool(client: ChatClient, tool: str, **parameters: object) -> Json:
    await client.socket.send("call_tool", toolName=tool, parameters=parameters)
    result: Json = await client.socket.receive("tool_result")
    return result


async def test_client_lists_and_calls_tools_itself(url: str, someone: SignedIn) -> None:
    async with chatting(someone, url) as client:
        await client.socket.send("list_tools", category="utility")
        listed = await client.socket.receive("tools_list")
        await client.socket.send("get_tool_info", toolName="echo")
        info = await client.socket.receive("tool_info")
        result = await call_tool(client, "echo", text="hello")

    assert [tool["name"] for tool in listed["tools"]] == ["calculator", "echo", "get-time"]
    assert info["name"] == "echo"
    assert result["result"]["success"]
