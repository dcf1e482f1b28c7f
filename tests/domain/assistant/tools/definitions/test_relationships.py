import pytest

from domain.assistant.tools.definitions.relationships import TOOLS
from domain.assistant.tools.registry import Arguments, ToolRegistry


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("follow_user", {"username": "alice"}, "Follow @alice."),
        ("unfollow_user", {"username": "alice"}, "Unfollow @alice."),
        ("block_user", {"username": "alice"}, "Block @alice."),
        ("unblock_user", {"username": "alice"}, "Unblock @alice."),
    ],
)
def test_summary_says_what_will_change(name: str, arguments: Arguments, sentence: str) -> None:
    tool = ToolRegistry(TOOLS).find(name)

    assert tool is not None
    assert tool.summary(arguments) == sentence
