"""One call, run as its user may at this moment: once, bounded, and with a result whatever happens."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import AsyncMock

import pytest
from bson import ObjectId
from temporalio.testing import ActivityEnvironment

from activities.assistant.caller_rights import caller_finder
from activities.assistant.tool_calls import GiveUpToolCall, RunToolCall, ToolCallActivities
from activities.assistant.tool_handlers.handling import Handler, ToolUse
from adapters.ai.argument_schemas import ArgumentSchemas
from adapters.mongo.users.users import UserStore
from adapters.resources import Resources
from domain.assistant.tools.arithmetic import ArithmeticFailed, ArithmeticFault
from domain.assistant.tools.definitions.all_tools import REGISTRY
from domain.assistant.tools.registry import ToolRegistry
from domain.assistant.tools.results import ToolErrorCode, ToolResult, failure, unknown_outcome
from domain.errors import InvalidInput
from domain.users.errors import UserNotFound
from domain.users.grants import GrantKind
from domain.users.users import Role
from tests.activities.assistant.conftest import CallTool, data, refusal, store_call
from tests.support.accounts import make_account
from tests.support.people import SignedIn
from tests.support.rights import create_role, delete_roles, give, make_admin, new_role

READ, CHANGE = "unread_count", "mark_notifications_read"


class Tried:
    """A handler that counts how often it was tried, and fails if it is told to."""

    def __init__(self, error: Exception | None = None, answer: Mapping[str, Any] | None = None) -> None:
        self.times = 0
        self._error = error
        self._answer = answer or {}

    async def __call__(self, use: ToolUse) -> Mapping[str, Any]:
        self.times += 1
        if self._error:
            raise self._error
        return self._answer


async def never_ends(use: ToolUse) -> Mapping[str, Any]:
    return {"ended": await asyncio.Event().wait()}


def with_handler(
    resources: Resources, handler: Handler, *, timeout: timedelta = timedelta(seconds=5)
) -> ToolCallActivities:
    tools = ToolRegistry(replace(tool, timeout=timeout) for tool in REGISTRY.list_tools())
    return ToolCallActivities(
        resources.assistant.tool_calls,
        tools,
        {READ: handler, CHANGE: handler},
        caller_finder(resources.users.users, resources.users.access_head, resources.assistant.askers),
        ArgumentSchemas(tools.list_tools()).find_faults,
        resources.assistant.texts.publish_changed,
    )


async def result_of(resources: Resources, call_key: str) -> ToolResult | None:
    call = await resources.assistant.tool_calls.find(call_key)
    assert call is not None
    return call.result


async def change_user(resources: Resources, user: SignedIn, **fields: Any) -> None:
    await resources.clients.database["users"].update_one({"_id": ObjectId(user.user["_id"])}, {"$set": fields})


async def test_call_with_a_result_does_not_run_again(
    resources: Resources, environment: ActivityEnvironment, someone: SignedIn
) -> None:
    tried = Tried(answer={"unread": 0})
    activities = with_handler(resources, tried)
    key = await store_call(resources, someone, READ)

    for _ in range(2):
        await environment.run(activities.run, RunToolCall(key))

    assert tried.times == 1
    assert await result_of(resources, key) == ToolResult({"unread": 0})


@pytest.mark.parametrize(("tool", "times"), [(READ, 2), (CHANGE, 1)])
async def test_change_whose_attempt_was_lost_is_not_made_again(
    resources: Resources, environment: ActivityEnvironment, someone: SignedIn, tool: str, times: int
) -> None:
    tried = Tried(TimeoutError())
    activities = with_handler(resources, tried)
    key = await store_call(resources, someone, tool)

    with pytest.raises(TimeoutError):
        await environment.run(activities.run, RunToolCall(key))
    tried._error = None
    await environment.run(activities.run, RunToolCall(key))

    assert tried.times == times
    assert await result_of(resources, key) == (ToolResult({}) if tool == READ else unknown_outcome())


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (UserNotFound(), (ToolErrorCode.EXECUTION_FAILED, "UserNotFound")),
        (InvalidInput(details=[{"field": "query.cursor", "message": "no"}]), (ToolErrorCode.INVALID_PARAMETERS, None)),
        (
            ArithmeticFailed(ArithmeticFault.DIVISION_BY_ZERO),
            (ToolErrorCode.EXECUTION_FAILED, ArithmeticFault.DIVISION_BY_ZERO),
        ),
    ],
    ids=["not found", "invalid", "arithmetic"],
)
async def test_refusal_of_a_rule_is_a_result(
    resources: Resources,
    environment: ActivityEnvironment,
    someone: SignedIn,
    error: Exception,
    expected: tuple[ToolErrorCode, str | None],
) -> None:
    key = await store_call(resources, someone, READ)

    await environment.run(with_handler(resources, Tried(error)).run, RunToolCall(key))

    result = await result_of(resources, key)
    assert result is not None
    assert refusal(result) == expected


async def test_tool_that_takes_too_long_is_cut_off_and_ends_by_that_name(
    resources: Resources, environment: ActivityEnvironment, someone: SignedIn
) -> None:
    activities = with_handler(resources, never_ends, timeout=timedelta(milliseconds=20))
    key = await store_call(resources, someone, READ)

    with pytest.raises(TimeoutError):
        await environment.run(activities.run, RunToolCall(key))
    await environment.run(activities.give_up, GiveUpToolCall(key, has_timed_out=True))

    assert await result_of(resources, key) == failure(ToolErrorCode.TIMEOUT)


async def test_large_result_is_refused(
    resources: Resources, environment: ActivityEnvironment, someone: SignedIn
) -> None:
    key = await store_call(resources, someone, READ)

    await environment.run(with_handler(resources, Tried(answer={"text": "a" * 20_000})).run, RunToolCall(key))

    assert await result_of(resources, key) == failure(ToolErrorCode.RESULT_TOO_LARGE)


async def test_no_tool_runs_for_a_deactivated_user(
    resources: Resources, call_tool: CallTool, someone: SignedIn
) -> None:
    await change_user(resources, someone, is_active=False)

    tools = [tool.name for tool in REGISTRY.list_tools(include_deprecated=True)]
    assert {refusal(await call_tool(someone, tool))[0] for tool in tools} == {ToolErrorCode.UNAUTHORIZED}


async def test_rights_are_those_of_the_moment(resources: Resources, call_tool: CallTool, someone: SignedIn) -> None:
    await change_user(resources, someone, role=Role.GUEST.value)

    assert refusal(await call_tool(someone, "follow_user"))[0] is ToolErrorCode.UNAUTHORIZED


async def test_role_that_an_app_has_made_gives_the_right_to_a_tool(
    resources: Resources, call_tool: CallTool, someone: SignedIn
) -> None:
    await change_user(resources, someone, role=Role.GUEST.value)
    admin = await make_admin(resources)
    role = await create_role(resources, admin, new_role("relationships:write"))
    await give(resources, admin, someone, GrantKind.ROLE, role.name)

    result = await call_tool(someone, "follow_user", username="no_such_user")
    await delete_roles(resources, role)

    assert refusal(result)[1] == "UserNotFound"


async def test_user_who_is_deactivated_amid_a_call_changes_nothing(
    resources: Resources, call_tool: CallTool, someone: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if that came between the look at the rights and the change."""
    other, seen = await make_account(resources), await resources.users.users.find(someone.user["_id"])
    monkeypatch.setattr(UserStore, "find", AsyncMock(return_value=seen))
    await change_user(resources, someone, is_active=False)

    results = [
        await call_tool(someone, "set_bio", bio="new"),
        await call_tool(someone, "set_interests", interests=["ai"]),
        await call_tool(someone, "follow_user", username=other.person.username),
    ]

    assert [refusal(result)[0] for result in results] == [ToolErrorCode.UNAUTHORIZED] * 3


@pytest.mark.parametrize(
    ("fields", "arguments", "code"),
    [
        ({}, {"chat_id": "c" * 24}, ToolErrorCode.INVALID_PARAMETERS),
        ({"is_active": False}, {}, ToolErrorCode.UNAUTHORIZED),
    ],
    ids=["arguments", "rights"],
)
async def test_handler_of_a_call_that_is_refused_is_not_tried(
    resources: Resources,
    environment: ActivityEnvironment,
    someone: SignedIn,
    fields: dict[str, Any],
    arguments: dict[str, Any],
    code: ToolErrorCode,
) -> None:
    tried = Tried()
    await change_user(resources, someone, **fields)
    key = await store_call(resources, someone, CHANGE, **arguments)

    await environment.run(with_handler(resources, tried).run, RunToolCall(key))

    result = await result_of(resources, key)
    assert result is not None
    assert (refusal(result)[0], tried.times) == (code, 0)


async def test_call_of_an_erased_user_does_nothing(
    resources: Resources, environment: ActivityEnvironment, activities: ToolCallActivities
) -> None:
    key = resources.hashes.new_object_id()

    await environment.run(activities.run, RunToolCall(key))
    await environment.run(activities.give_up, GiveUpToolCall(key, has_timed_out=False))

    assert await resources.assistant.tool_calls.find(key) is None


async def test_call_that_was_given_up_has_a_result_which_stays(
    resources: Resources, environment: ActivityEnvironment, activities: ToolCallActivities, someone: SignedIn
) -> None:
    key = await store_call(resources, someone, CHANGE)

    await environment.run(activities.give_up, GiveUpToolCall(key, has_timed_out=False))
    await environment.run(activities.run, RunToolCall(key))

    assert await result_of(resources, key) == unknown_outcome()


async def test_every_tool_has_a_handler(activities: ToolCallActivities) -> None:
    assert set(activities._handlers) == {tool.name for tool in REGISTRY.list_tools(include_deprecated=True)}


async def test_data_of_a_tool_is_in_its_result(call_tool: CallTool, someone: SignedIn) -> None:
    assert data(await call_tool(someone, "echo", text="é")) == {"text": "é"}
