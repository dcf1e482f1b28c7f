from adapters.resources import Resources
from tests.activities.assistant.conftest import CallTool, data
from tests.support.accounts import make_account
from tests.support.graph import follow
from tests.support.people import SignedIn


async def test_name_that_was_just_taken_is_found(resources: Resources, call_tool: CallTool, someone: SignedIn) -> None:
    newcomer = await make_account(resources, is_in_graph=False)

    found = data(await call_tool(someone, "search_users", text=newcomer.person.username, limit=5))

    assert found["users"][0]["username"] == newcomer.person.username


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
