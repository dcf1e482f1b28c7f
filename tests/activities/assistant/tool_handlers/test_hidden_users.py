"""Each tool that names a user and users who cannot be seen: all are as unknown as a name that no account has."""

from dataclasses import dataclass

import pytest

from adapters.resources import Resources
from domain.assistant.tools.definitions.all_tools import REGISTRY
from domain.assistant.tools.results import ToolErrorCode, ToolResult
from tests.activities.assistant.conftest import CallTool, data, refusal
from tests.activities.assistant.test_tool_calls import change_user
from tests.support.accounts import make_account
from tests.support.graph import block, kinds, project
from tests.support.people import SignedIn

NOT_FOUND = (ToolErrorCode.EXECUTION_FAILED, "UserNotFound")
TOOLS = [tool.name for tool in REGISTRY.list_tools() if "username" in str(tool.parameters["properties"])]


@dataclass(frozen=True)
class Hidden:
    """A caller, and users whom they cannot see."""

    caller: SignedIn
    blocker: SignedIn
    gone: SignedIn

    def name(self, kind: str) -> str:
        names = {"blocker": self.blocker, "deactivated": self.gone}
        return names[kind].person.username if kind in names else "no_such_user"


@pytest.fixture(scope="module")
async def hidden(resources: Resources) -> Hidden:
    caller, blocker, gone = [await make_account(resources) for _ in range(3)]
    await block(resources, blocker, caller)
    await change_user(resources, gone, is_active=False)
    await project(resources, gone)
    return Hidden(caller, blocker, gone)


@pytest.mark.parametrize("kind", ["unknown", "blocker", "deactivated"])
@pytest.mark.parametrize("tool", [tool for tool in TOOLS if tool != "block_user"])
async def test_hidden_user_is_not_found(call_tool: CallTool, hidden: Hidden, tool: str, kind: str) -> None:
    assert refusal(await call_tool(hidden.caller, tool, username=hidden.name(kind))) == NOT_FOUND


@pytest.mark.parametrize("kind", ["unknown", "deactivated"])
async def test_hidden_user_is_not_blocked(call_tool: CallTool, hidden: Hidden, kind: str) -> None:
    assert refusal(await call_tool(hidden.caller, "block_user", username=hidden.name(kind))) == NOT_FOUND


@pytest.mark.parametrize("tool", ["search_users", "suggest_users", "list_followers", "list_followings"])
async def test_hidden_users_are_in_no_list(call_tool: CallTool, hidden: Hidden, tool: str) -> None:
    results: list[ToolResult] = []
    for kind in ("blocker", "deactivated"):
        arguments = {"text": hidden.name(kind)} if tool == "search_users" else {}
        results.append(await call_tool(hidden.caller, tool, **arguments))

    assert [data(result)["users"] for result in results] == [[], []]


async def test_users_may_block_each_other(resources: Resources, call_tool: CallTool, hidden: Hidden) -> None:
    blocker = await make_account(resources)
    await block(resources, blocker, hidden.caller)

    blocked = data(await call_tool(hidden.caller, "block_user", username=blocker.person.username))
    unblocked = data(await call_tool(hidden.caller, "unblock_user", username=blocker.person.username))

    assert (blocked["changed"], unblocked["changed"]) == (True, True)
    assert await kinds(resources, blocker, hidden.caller) == ["BLOCKED"]


async def test_deactivated_user_can_still_be_unblocked(
    resources: Resources, call_tool: CallTool, hidden: Hidden
) -> None:
    other = await make_account(resources)
    await block(resources, hidden.caller, other)
    await change_user(resources, other, is_active=False)

    assert data(await call_tool(hidden.caller, "unblock_user", username=other.person.username))["changed"] is True


@pytest.mark.parametrize("tool", ["follow_user", "unfollow_user", "block_user", "unblock_user"])
async def test_oneself_cannot_be_named(call_tool: CallTool, hidden: Hidden, tool: str) -> None:
    result = await call_tool(hidden.caller, tool, username=hidden.caller.person.username)

    assert refusal(result) == (ToolErrorCode.EXECUTION_FAILED, "CannotTargetSelf")
