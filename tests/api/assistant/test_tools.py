"""Tools over HTTP: the list, and calls that run once for each id."""

import asyncio
import secrets
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from bson import ObjectId

from adapters.resources import Resources
from domain.assistant.tool_calls import NewToolCall
from domain.assistant.tools.definitions.all_tools import REGISTRY
from domain.assistant.tools.registry import MAX_RUNNING
from tests.support.accounts import make_account
from tests.support.api_keys import store_key, with_key
from tests.support.envelope import data, refusal
from tests.support.graph import kinds
from tests.support.people import SignedIn
from tests.support.relationships import unfollow
from tests.workflows.operator import Operator
from workflows.assistant.tool_calls import tool_call_workflow_id

TOOLS = "/assistant/tools"


async def call(
    api: httpx.AsyncClient, headers: dict[str, str], tool: str, call_id: str | None = None, **parameters: Any
) -> httpx.Response:
    body = {"parameters": parameters} | ({"call_id": call_id} if call_id else {})
    return await api.post(f"{TOOLS}/{tool}/call", json=body, headers=headers)


def error_code(response: httpx.Response) -> Any:
    """The code of a result that is no success."""
    result = data(response)["result"]
    assert result["success"] is False
    return result["error"]["code"]


async def test_tools_are_listed_all_or_of_one_category(api: httpx.AsyncClient, someone: SignedIn) -> None:
    listed = data(await api.get(TOOLS, headers=someone.bearer))
    utility = data(await api.get(TOOLS, params={"category": "utility"}, headers=someone.bearer))
    unknown = await api.get(TOOLS, params={"category": "weather"}, headers=someone.bearer)

    assert listed["count"] == len(REGISTRY.list_tools())
    assert [tool["name"] for tool in utility["tools"]] == ["calculator", "echo", "get-time"]
    assert refusal(unknown) == (422, "InvalidInput")


async def test_one_tool_is_shown_with_its_schema(api: httpx.AsyncClient, someone: SignedIn) -> None:
    tool = data(await api.get(f"{TOOLS}/follow_user", headers=someone.bearer))
    unknown = await api.get(f"{TOOLS}/weather", headers=someone.bearer)

    assert (tool["changes"], tool["scope"], tool["category"]) == (True, "relationships:write", "change")
    assert tool["parameters"]["required"] == ["username"]
    assert refusal(unknown) == (404, "ToolNotFound")


async def test_repeat_gets_the_first_result_and_another_call_with_its_id_none(
    api: httpx.AsyncClient, someone: SignedIn
) -> None:
    call_id = secrets.token_hex(8)

    first = data(await call(api, someone.bearer, "get-time", call_id))
    again = data(await call(api, someone.bearer, "get-time", call_id))
    other = await call(api, someone.bearer, "get-time", call_id, timezone="Europe/Vienna")

    assert first == again
    assert (first["call_id"], first["tool"], first["state"]) == (call_id, "get-time", "done")
    assert first["result"]["data"]["timezone"] == "UTC"
    assert refusal(other) == (409, "IdempotencyKeyReused")


async def test_change_runs_once_even_after_a_reset(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    other, call_id = await make_account(resources), secrets.token_hex(8)
    followed = await call(api, someone.bearer, "follow_user", call_id, username=other.person.username)
    await unfollow(api, someone, other)

    key = resources.hashes.workflow_key(f"{someone.user['_id']}|{call_id}")
    await Operator(resources).resets_to(type(None), tool_call_workflow_id(key))
    again = await call(api, someone.bearer, "follow_user", call_id, username=other.person.username)

    assert data(followed)["result"]["data"]["changed"] is True
    assert data(again) == data(followed)
    assert await kinds(resources, someone, other) == []


async def test_repeats_at_the_same_moment_are_one_call(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    other, call_id = await make_account(resources), secrets.token_hex(8)

    answers = await asyncio.gather(
        *(call(api, someone.bearer, "follow_user", call_id, username=other.person.username) for _ in range(5))
    )

    assert [data(answer)["result"]["data"]["changed"] for answer in answers] == [True] * 5


async def test_refused_calls_are_results(api: httpx.AsyncClient, someone: SignedIn) -> None:
    bearer = someone.bearer
    answers = {
        "TOOL_NOT_FOUND": await call(api, bearer, "weather"),
        "INVALID_PARAMETERS": await call(api, bearer, "follow_user", user_id=someone.user["_id"]),
        "EXECUTION_FAILED": await call(api, bearer, "follow_user", username="no_such_user"),
    }

    assert {code: error_code(answer) for code, answer in answers.items()} == {code: code for code in answers}


async def test_too_many_calls_at_once_are_refused(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    for number in range(MAX_RUNNING):
        new = NewToolCall(str(ObjectId()), someone.user["_id"], f"running-{number}", "echo", {}, "")
        assert await resources.assistant.tool_calls.begin(new, datetime.now(UTC))

    assert error_code(await call(api, someone.bearer, "get-time")) == "CONCURRENCY_LIMIT"


@pytest.mark.parametrize(
    ("scopes", "tool", "expected"),
    [
        (["assistant:write"], "get-time", None),
        (["assistant:write"], "unread_count", "UNAUTHORIZED"),
        (["assistant:write", "notifications:read"], "unread_count", None),
    ],
    ids=["no scope needed", "without the scope", "with the scope"],
)
async def test_key_needs_the_scope_of_the_tool_too(
    api: httpx.AsyncClient,
    resources: Resources,
    someone: SignedIn,
    scopes: list[str],
    tool: str,
    expected: str | None,
) -> None:
    key = await store_key(resources, someone.user["_id"], scopes)

    result = data(await call(api, with_key(key), tool))["result"]

    assert (result["error"] or {}).get("code") == expected


async def test_key_without_the_scope_of_calls_is_refused(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    key = await store_key(resources, someone.user["_id"], ["assistant:read", "notifications:read"])

    assert data(await api.get(f"{TOOLS}/unread_count", headers=with_key(key)))["name"] == "unread_count"
    assert refusal(await call(api, with_key(key), "unread_count")) == (403, "ScopeMissing")
