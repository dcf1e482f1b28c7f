from unittest.mock import AsyncMock

import httpx
import pytest
from neo4j.exceptions import ServiceUnavailable

from adapters.neo4j.users.users import GraphUserStore
from adapters.resources import Resources
from domain.assistant.tools.results import ToolErrorCode
from tests.activities.assistant.conftest import CallTool, data, refusal
from tests.support.accounts import make_account
from tests.support.graph import follow, names_in_graph
from tests.support.people import SignedIn
from tests.support.signed_in import on_device


async def test_own_profile_has_what_the_tools_set(call_tool: CallTool, someone: SignedIn) -> None:
    await call_tool(someone, "set_bio", bio="two\r\nlines")
    await call_tool(someone, "set_display_name", display_name="Zoe\u0308")
    await call_tool(someone, "set_interests", interests=["dao", "ai", "ai"])

    profile = data(await call_tool(someone, "my_profile"))

    assert (profile["bio"], profile["display_name"], profile["interests"]) == ("two\nlines", "Zoë", ["ai", "dao"])
    assert (profile["username"], profile["followers_number"]) == (someone.person.username, 0)
    assert someone.person.email not in str(profile)


async def test_changed_name_is_in_the_graph_with_the_result(
    resources: Resources, call_tool: CallTool, someone: SignedIn
) -> None:
    await call_tool(someone, "set_display_name", display_name="Zoe")

    found = await names_in_graph(resources, someone.user["_id"])

    assert found is not None
    assert found[1] == "Zoe"


async def test_change_stands_while_the_graph_is_away(
    call_tool: CallTool, someone: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GraphUserStore, "put_at_once", AsyncMock(side_effect=ServiceUnavailable))

    assert data(await call_tool(someone, "set_display_name", display_name="Zoe")) == {"display_name": "Zoe"}


async def test_name_that_turns_round_what_follows_is_refused(call_tool: CallTool, someone: SignedIn) -> None:
    result = await call_tool(someone, "set_display_name", display_name="a\u202eb")

    assert refusal(result)[0] is ToolErrorCode.INVALID_PARAMETERS


async def test_profile_of_another_user_says_how_both_stand(
    resources: Resources, call_tool: CallTool, someone: SignedIn
) -> None:
    other = await make_account(resources)
    await follow(resources, someone, other)

    profile = data(await call_tool(someone, "read_profile", username=other.person.username))

    assert (profile["username"], profile["is_following"], profile["is_follower"]) == (
        other.person.username,
        True,
        False,
    )


async def test_open_flows_are_shown_without_their_ids(
    api: httpx.AsyncClient, call_tool: CallTool, someone: SignedIn
) -> None:
    body = {"new_username": f"{someone.person.username}_x"}
    begun = await api.post("/users/username/change/initiate", json=body, headers=on_device(someone))
    flow_id = begun.json()["data"]["flow_id"]

    (flow,) = data(await call_tool(someone, "my_flows"))["flows"]

    assert (flow["kind"], flow["state"]) == ("username_change", "waiting")
    assert flow["deadline"]
    assert flow_id not in str(flow)


async def test_user_who_has_begun_nothing_has_no_flows(call_tool: CallTool, someone: SignedIn) -> None:
    assert data(await call_tool(someone, "my_flows")) == {"flows": []}
