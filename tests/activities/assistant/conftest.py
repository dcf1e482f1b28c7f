"""A turn that is being answered by a model that says what a test hands it, and calls of tools as the worker runs them,
on the real stores.
"""

import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId
from temporalio.testing import ActivityEnvironment

from activities.assistant.tool_calls import RunToolCall, ToolCallActivities
from adapters.resources import Resources
from domain.assistant.tool_calls import NewToolCall
from domain.assistant.tools.results import ToolErrorCode, ToolResult
from tests.activities.assistant.saying import Saying
from tests.activities.assistant.turn_calling import TurnCalling
from tests.support.people import SignedIn
from tests.support.scripted_model import ScriptedModel
from tests.support.talks import Talks, talks_of
from workers.areas.assistant import tool_call_activities, turn_call_activities

CallTool = Callable[..., Awaitable[ToolResult]]


@pytest.fixture
def talks(resources: Resources, someone: SignedIn) -> Talks:
    return talks_of(resources, someone.user["_id"])


@pytest.fixture
async def saying(environment: ActivityEnvironment, talks: Talks) -> Saying:
    chat = await talks.begin_chat()
    await talks.send(chat.chat_id, "Good?")
    turn = await talks.begin(chat.chat_id)
    return Saying(environment, talks, turn, ScriptedModel(), talks.resources.assistant.texts)


@pytest.fixture
def activities(resources: Resources) -> ToolCallActivities:
    return tool_call_activities(resources)


@pytest.fixture
def call_tool(resources: Resources, environment: ActivityEnvironment, activities: ToolCallActivities) -> CallTool:
    """Store a call of this user, run it, and return its result."""

    async def call(caller: SignedIn, tool: str, **arguments: Any) -> ToolResult:
        key = await store_call(resources, caller, tool, **arguments)
        await environment.run(activities.run, RunToolCall(key))
        stored = await resources.assistant.tool_calls.find(key)
        assert stored is not None
        assert stored.result is not None
        return stored.result

    return call


@pytest.fixture
async def calling(
    resources: Resources,
    environment: ActivityEnvironment,
    talks: Talks,
    activities: ToolCallActivities,
    someone: SignedIn,
) -> TurnCalling:
    """A model that asks for tools in turns of this user."""
    session = await resources.clients.database["sessions"].find_one({"user_id": ObjectId(someone.user["_id"])})
    assert session
    return TurnCalling(environment, talks, turn_call_activities(resources), activities, str(session["_id"]))


async def store_call(resources: Resources, caller: SignedIn, tool: str, **arguments: Any) -> str:
    """Return the key of a new call that has not run."""
    key = resources.hashes.new_object_id()
    new = NewToolCall(key, caller.user["_id"], secrets.token_hex(8), tool, arguments, "")
    assert await resources.assistant.tool_calls.begin(new, datetime.now(UTC))
    return key


def data(result: ToolResult) -> Any:
    """What a success returns."""
    assert result.error is None
    return result.data


def refusal(result: ToolResult) -> tuple[ToolErrorCode, Any]:
    """Code of an error, and the name behind it if it has one."""
    assert result.error is not None
    details = result.error.details or {}
    return result.error.code, details.get("code")
