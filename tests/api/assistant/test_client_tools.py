"""Tools for a program without a route or a socket, as an MCP server calls them: the key's scopes are all that decides,
as no user can be asked.
"""

import secrets
from datetime import UTC, datetime

import pytest
from temporalio.client import WorkflowExecutionStatus

from adapters.redis.session_invalidations import SessionInvalidations
from adapters.resources import Resources
from api.access.role_catalogue import RoleCatalogue
from api.assistant.client_tools import ClientTools, ToolUser
from domain.auth.key_format import PREFIX_LENGTH
from tests.support.accounts import make_account
from tests.support.api_keys import store_key
from tests.support.approvals import follows
from tests.support.people import SignedIn
from workflows.assistant.tool_calls import tool_call_workflow_id


@pytest.fixture
def tools(resources: Resources) -> ClientTools:
    return ClientTools(
        resources, RoleCatalogue(resources.users.access_head, SessionInvalidations(resources.clients.redis))
    )


async def key_of(resources: Resources, owner: SignedIn, *scopes: str) -> ToolUser:
    user = await resources.users.users.find(owner.user["_id"])
    assert user
    prefix = (await store_key(resources, user.user_id, scopes))[:PREFIX_LENGTH]
    return ToolUser(user, prefix, scopes)


async def test_key_that_may_write_makes_a_change_once_by_a_workflow_of_its_own(
    resources: Resources, tools: ClientTools
) -> None:
    owner, other, call_id = await make_account(resources), await make_account(resources), secrets.token_hex(8)
    key = await key_of(resources, owner, "relationships:write")

    listed = await tools.list_tools(key, datetime.now(UTC))
    views = [
        await tools.call(key, "follow_user", {"username": other.person.username}, call_id, datetime.now(UTC))
        for _ in range(2)
    ]

    workflow_key = resources.hashes.workflow_key(f"{owner.user['_id']}|{call_id}")
    run = await resources.temporal.get_workflow_handle(tool_call_workflow_id(workflow_key)).describe()
    assert "follow_user" in [tool.name for tool in listed]
    assert (run.workflow_type, run.status) == ("ToolCall", WorkflowExecutionStatus.COMPLETED)
    assert views[0] == views[1]
    assert views[0].result
    assert views[0].result.data == {"username": other.person.username, "is_following": True, "changed": True}
    assert await follows(resources, owner, other)


async def test_key_is_told_of_no_tool_beyond_its_scopes_and_calls_none(
    resources: Resources, tools: ClientTools
) -> None:
    key = await key_of(resources, await make_account(resources), "relationships:read")

    listed = await tools.list_tools(key, datetime.now(UTC))
    refused = await tools.call(key, "follow_user", {"username": "alice"}, None, datetime.now(UTC))

    assert "follow_user" not in [tool.name for tool in listed]
    assert refused.result
    assert refused.result.error
    assert refused.result.error.code == "UNAUTHORIZED"
