import pytest

from adapters.resources import Resources
from adapters.temporal.intent_waker import IntentWaker
from domain.assistant.tools.results import ToolErrorCode
from tests.activities.assistant.conftest import CallTool, data, refusal
from tests.support.accounts import make_account
from tests.support.graph import block, edges, follow, kinds
from tests.support.people import SignedIn


@pytest.fixture(autouse=True)
def unwoken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stack's worker carries out no intent before a test has seen it."""
    monkeypatch.setattr(IntentWaker, "wake", lambda *_: None)


async def test_follow_is_one_edge_with_its_intent(resources: Resources, call_tool: CallTool, someone: SignedIn) -> None:
    other = await make_account(resources)

    name = other.person.username.upper()
    first, again = [data(await call_tool(someone, "follow_user", username=name)) for _ in range(2)]

    ((kind, facts),) = await edges(resources, someone, other)
    assert (first["changed"], again["changed"], first["username"]) == (True, False, other.person.username)
    assert kind == "FOLLOWING"
    assert facts["created_at"] == facts["notify_open"]


async def test_user_whom_the_caller_blocks_is_not_followed(
    resources: Resources, call_tool: CallTool, someone: SignedIn
) -> None:
    other = await make_account(resources)
    await block(resources, someone, other)

    result = await call_tool(someone, "follow_user", username=other.person.username)

    assert refusal(result) == (ToolErrorCode.EXECUTION_FAILED, "YouBlockThisUser")


async def test_unfollow_says_whether_there_was_a_follow(
    resources: Resources, call_tool: CallTool, someone: SignedIn
) -> None:
    other = await make_account(resources)
    await follow(resources, someone, other)

    results = [data(await call_tool(someone, "unfollow_user", username=other.person.username)) for _ in range(2)]

    assert [result["changed"] for result in results] == [True, False]
    assert await kinds(resources, someone, other) == []


async def test_block_ends_follows_and_unblock_does_not_bring_them_back(
    resources: Resources, call_tool: CallTool, someone: SignedIn
) -> None:
    other = await make_account(resources)
    await follow(resources, someone, other)
    await follow(resources, other, someone)

    await call_tool(someone, "block_user", username=other.person.username)
    blocked = [await kinds(resources, someone, other), await kinds(resources, other, someone)]
    await call_tool(someone, "unblock_user", username=other.person.username)

    assert blocked == [["BLOCKED"], []]
    assert await kinds(resources, someone, other) == []


async def test_lists_are_read_page_by_page_and_name_no_ids(
    resources: Resources, call_tool: CallTool, someone: SignedIn
) -> None:
    owner, *others = [await make_account(resources) for _ in range(3)]
    for other in others:
        await follow(resources, other, owner)
        await follow(resources, someone, other)
    name = owner.person.username

    first = data(await call_tool(someone, "list_followers", username=name, limit=1))
    second = data(await call_tool(someone, "list_followers", username=name, limit=1.0, cursor=first["next_cursor"]))
    mutual = data(await call_tool(someone, "mutual_followers", username=name))
    own = data(await call_tool(someone, "list_followings"))

    names = {other.person.username for other in others}
    assert {row["username"] for page in (first, second) for row in page["users"]} == names
    assert {row["username"] for row in mutual["users"]} == names
    assert {row["username"] for row in own["users"]} == names
    assert second["next_cursor"] is None
    assert "user_id" not in own["users"][0]


async def test_cursor_that_is_none_is_an_invalid_argument(call_tool: CallTool, someone: SignedIn) -> None:
    result = await call_tool(someone, "list_followers", cursor="nowhere")

    assert refusal(result)[0] is ToolErrorCode.INVALID_PARAMETERS
    assert result.error is not None
    assert result.error.details == {"faults": [{"field": "cursor", "message": "this is no cursor of ours"}]}
