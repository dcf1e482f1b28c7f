from adapters.resources import Resources
from domain.assistant.tools.results import ToolErrorCode
from tests.activities.assistant.conftest import CallTool, data, refusal
from tests.support.notifications import store_and_push
from tests.support.people import SignedIn


async def test_notifications_are_listed_counted_and_read(
    resources: Resources, call_tool: CallTool, someone: SignedIn
) -> None:
    last = await store_and_push(resources, someone.user["_id"], 3)

    before = data(await call_tool(someone, "unread_count"))["unread"]
    newest = data(await call_tool(someone, "list_notifications", limit=1))
    one = [data(await call_tool(someone, "mark_notifications_read", number=last))["changed"] for _ in range(2)]
    unread = data(await call_tool(someone, "list_notifications", unread_only=True, cursor=newest["next_cursor"]))
    rest = data(await call_tool(someone, "mark_notifications_read"))["changed"]

    assert [row["number"] for row in newest["notifications"]] == [last]
    assert one == [1, 0]
    assert len(unread["notifications"]) == rest == before - 1
    assert data(await call_tool(someone, "unread_count")) == {"unread": 0}


async def test_unknown_number_is_not_found(resources: Resources, call_tool: CallTool, someone: SignedIn) -> None:
    last = await store_and_push(resources, someone.user["_id"])

    result = await call_tool(someone, "mark_notifications_read", number=last + 1)

    assert refusal(result) == (ToolErrorCode.EXECUTION_FAILED, "NotificationNotFound")
