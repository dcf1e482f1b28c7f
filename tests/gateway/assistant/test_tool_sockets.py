"""Approvals on all sockets of a chat, and calls of tools by clients themselves: within their limits and scopes."""

import json
import secrets
from datetime import UTC, datetime

import httpx
import pytest

from adapters.resources import Resources
from config.rates import Rate
from config.settings import Settings
from domain.assistant.tool_calls import effect_key
from domain.assistant.tools.results import ToolResult
from tests.gateway.serving import serving
from tests.support.api_keys import store_key, with_key
from tests.support.chat_client import ChatClient, chatting
from tests.support.envelope import Json, data
from tests.support.people import SignedIn
from tests.support.websocket_client import WebSocketClient, connected
from workflows.assistant.tool_calls import ToolCall, ToolCallInput, tool_call_workflow_id


def following(other: SignedIn) -> str:
    """A message that makes the mock ask for a change."""
    return f"call follow_user {json.dumps({'username': other.person.username})}"


async def heard_until_end(client: ChatClient) -> list[str]:
    """The events of a client until the end of a turn."""
    events = list[str]()
    while "stream_end" not in events:
        events.append((await client.socket.receive_any())[0])
    return events


async def call_tool(
    socket: WebSocketClient, tool: str, parameters: dict[str, object], *, answer: str = "tool_result"
) -> Json:
    await socket.send("call_tool", toolName=tool, parameters=parameters)
    return await socket.receive(answer)


async def test_all_sockets_of_a_chat_are_told_of_an_approval_once(
    url: str, other_url: str, someone: SignedIn, other: SignedIn
) -> None:
    async with chatting(someone, url) as first, chatting(someone, other_url, first.chat_id) as second:
        await first.say(following(other))
        requested = await first.socket.receive("approval_requested")
        shown = await second.socket.receive("approval_requested")
        await second.socket.send("answer_approval", call_id=requested["callId"], decision="decline")
        events = [await heard_until_end(client) for client in (first, second)]

    assert requested == shown
    for heard in events:
        assert [event for event in heard if event.startswith(("approval", "tool"))] == [
            "approval_closed",
            "tool_result",
        ]


async def test_client_that_resumes_before_a_call_is_told_of_it_again(
    url: str, someone: SignedIn, other: SignedIn
) -> None:
    async with chatting(someone, url) as client:
        turn_id = await client.say(following(other))
        before = await client.socket.receive("approval_requested")
        await client.resume(turn_id, 0, 0)

        assert await client.socket.receive("approval_requested") == before
        await client.resume(turn_id, 0, 1)
        await client.socket.receives_nothing("approval_requested")


async def test_key_answers_no_approval(url: str, resources: Resources, someone: SignedIn, other: SignedIn) -> None:
    key = await store_key(resources, someone.user["_id"], ["assistant:write", "assistant:read"])
    async with chatting(someone, url) as client:
        await client.say(following(other))
        call = await client.socket.receive("approval_requested")
        async with connected(url, with_key(key), query=f"?chat_id={client.chat_id}", path="/assistant") as socket:
            await socket.receive("session_restored")
            await socket.send("answer_approval", call_id=call["callId"], decision="once")
            refused = await socket.receive("error")

    assert refused["error"] == "KeyNotAllowed"


async def test_key_calls_tools_within_its_scopes(url: str, resources: Resources, someone: SignedIn) -> None:
    key = await store_key(resources, someone.user["_id"], ["assistant:read", "assistant:write"])
    async with connected(url, with_key(key), path="/assistant") as socket:
        await socket.receive("session_created")
        refused = await call_tool(socket, "my_profile", {})
        free = await call_tool(socket, "echo", {"text": "hello"})

    assert refused["result"]["error"]["code"] == "UNAUTHORIZED"
    assert free["result"]["success"]


@pytest.mark.parametrize(
    ("tool", "parameters", "code"),
    [
        ("no_such_tool", {}, "TOOL_NOT_FOUND"),
        ("echo", {"text": 1}, "INVALID_PARAMETERS"),
        ("follow_user", {"user_id": "0" * 24}, "INVALID_PARAMETERS"),
    ],
    ids=["unknown", "wrong type", "an id"],
)
async def test_call_that_may_not_run_has_its_reason(
    url: str, someone: SignedIn, tool: str, parameters: dict[str, object], code: str
) -> None:
    async with chatting(someone, url) as client:
        result = await call_tool(client.socket, tool, parameters)

    assert (result["toolName"], result["result"]["error"]["code"]) == (tool, code)


async def test_refusal_of_a_call_that_was_begun_names_the_call(url: str, someone: SignedIn) -> None:
    async with chatting(someone, url) as client:
        for text in ("one", "two"):
            await client.socket.send("call_tool", toolName="echo", parameters={"text": text}, callId="call-0001")
        refused = await client.socket.receive("error")

    assert (refused["error"], refused["callId"]) == ("IdempotencyKeyReused", "call-0001")


async def test_call_that_takes_longer_runs_on_and_its_result_is_told(
    url: str, api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    """Its workflow waits on a queue that has no worker."""
    call_id, user_id = secrets.token_hex(8), someone.user["_id"]
    call_key = resources.hashes.derive_object_id(effect_key(user_id, call_id), "tool-call")
    workflow_id = tool_call_workflow_id(resources.hashes.workflow_key(effect_key(user_id, call_id)))
    waiting = await resources.temporal.start_workflow(
        ToolCall.run, ToolCallInput(call_key, 1, 1), id=workflow_id, task_queue="no-worker"
    )
    async with chatting(someone, url) as client:
        await client.socket.send("call_tool", toolName="echo", parameters={"text": "hello"}, callId=call_id)
        body = {"parameters": {"text": "hello"}, "call_id": call_id}
        running = await api.post("/assistant/tools/echo/call", json=body, headers=someone.bearer)
        done = ToolResult({"text": "hello"})
        await resources.assistant.tool_calls.finish(call_key, done, datetime.now(UTC), execution_ms=None)
        await waiting.terminate()
        told = await client.socket.receive("tool_result")

    assert data(running, 202)["result"] is None
    assert told["result"]["data"] == {"text": "hello"}


async def test_unknown_tool_has_no_description(url: str, someone: SignedIn) -> None:
    async with chatting(someone, url) as client:
        await client.socket.send("get_tool_info", toolName="no_such_tool")

        assert (await client.socket.receive("error"))["error"] == "ToolNotFound"


async def test_calls_over_the_limit_are_named_and_do_not_run(settings: Settings, someone: SignedIn) -> None:
    limits = {"rate_limits": "on", "limit_tools": Rate(1, 60)}
    async with serving(settings, **limits) as limited, chatting(someone, limited) as client:
        await call_tool(client.socket, "echo", {"text": "one"})
        refused = await call_tool(client.socket, "echo", {"text": "two"}, answer="rate_limit")

    assert (refused["code"], refused["remaining"]) == ("RATE_LIMIT_EXCEEDED", 0)
