import pytest

from domain.assistant.tools.definitions.notifications import TOOLS
from domain.assistant.tools.registry import Arguments, ToolRegistry


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("mark_notifications_read", {}, "Mark all your notifications as read."),
        ("mark_notifications_read", {"number": 3}, "Mark notification 3 as read."),
        ("unread_count", {}, "Return how many notifications the user has not read."),
    ],
)
def test_summary_says_what_will_change(name: str, arguments: Arguments, sentence: str) -> None:
    tool = ToolRegistry(TOOLS).find(name)

    assert tool is not None
    assert tool.summary(arguments) == sentence
