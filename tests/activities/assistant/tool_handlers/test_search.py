from unittest.mock import AsyncMock

import pytest
from bson import ObjectId

from adapters.mongo.users.users import UserStore
from adapters.resources import Resources
from domain.users.users import GraphUser, Role
from tests.activities.assistant.conftest import CallTool, data
from tests.support.accounts import make_account
from tests.support.graph import follow, names_in_graph
from tests.support.people import SignedIn


async def test_name_that_was_just_taken_is_found(resources: Resources, call_tool: CallTool, someone: SignedIn) -> None:
    newcomer = await make_account(resources, is_in_graph=False)

    found = data(await call_tool(someone, "search_users", text=newcomer.person.username, limit=5))

    assert found["users"][0]["username"] == newcomer.person.username


async def test_account_that_is_erased_amid_a_search_is_not_left_in_the_graph(
    resources: Resources, call_tool: CallTool, someone: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = GraphUser(str(ObjectId()), "erased", "erased", Role.USER, None, is_active=True, profile_version=1)
    monkeypatch.setattr(UserStore, "find_newest_unsynced", AsyncMock(return_value=[gone]))

    await call_tool(someone, "search_users", text="erased")

    assert await names_in_graph(resources, gone.user_id) is None


async def test_text_without_a_letter_finds_nothing(call_tool: CallTool, someone: SignedIn) -> None:
    assert data(await call_tool(someone, "search_users", text="::"))["users"] == []


async def test_friend_of_a_friend_is_suggested_with_the_reason(
    resources: Resources, call_tool: CallTool, someone: SignedIn
) -> None:
    friend, theirs = [await make_account(resources) for _ in range(2)]
    await follow(resources, someone, friend)
    await follow(resources, friend, theirs)

    (suggestion,) = data(await call_tool(someone, "suggest_users"))["users"]

    assert (suggestion["username"], suggestion["reason"]) == (
        theirs.person.username,
        "Followed by 1 whom you follow",
    )
