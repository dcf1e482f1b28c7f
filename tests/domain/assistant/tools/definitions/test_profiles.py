import pytest

from domain.assistant.tools.definitions.profiles import TOOLS
from domain.assistant.tools.registry import Arguments, ToolRegistry


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("set_bio", {"bio": 'I say "hi"'}, "Set your bio to \"I say 'hi'\"."),
        ("set_bio", {"bio": ""}, "Empty your bio."),
        ("set_display_name", {"display_name": "Al"}, 'Set your display name to "Al".'),
        ("set_interests", {"interests": ["dao", "ai", "ai"]}, "Set your interests to ai, dao."),
        ("set_interests", {"interests": []}, "Take back all your interests."),
    ],
)
def test_summary_says_what_will_change(name: str, arguments: Arguments, sentence: str) -> None:
    tool = ToolRegistry(TOOLS).find(name)

    assert tool is not None
    assert tool.summary(arguments) == sentence
