import pytest

from domain.assistant.tool_calls import STOPPED, canonical_call, lost_result
from domain.assistant.tools.definitions.all_tools import REGISTRY
from domain.assistant.tools.results import ToolErrorCode


def test_same_call_is_one_text_in_whatever_order_its_arguments_are() -> None:
    assert canonical_call("echo", {"a": 1, "b": [2]}) == canonical_call("echo", {"b": [2], "a": 1})


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [("echo", {"a": 2}), ("echo", {"a": "1"}), ("other", {"a": 1})],
    ids=["value", "type", "tool"],
)
def test_other_call_is_another_text(tool: str, arguments: dict[str, object]) -> None:
    assert canonical_call(tool, arguments) != canonical_call("echo", {"a": 1})


@pytest.mark.parametrize(
    ("name", "has_timed_out", "code", "details"),
    [
        ("my_profile", False, ToolErrorCode.EXECUTION_FAILED, {"code": "DependencyUnavailable"}),
        ("my_profile", True, ToolErrorCode.TIMEOUT, None),
        ("follow_user", False, ToolErrorCode.EXECUTION_FAILED, {"code": "UnknownOutcome"}),
        ("follow_user", True, ToolErrorCode.TIMEOUT, None),
        ("gone", False, ToolErrorCode.EXECUTION_FAILED, {"code": "DependencyUnavailable"}),
    ],
)
def test_lost_call_ends_by_name_and_a_change_is_said_to_be_unknown(
    name: str, has_timed_out: bool, code: ToolErrorCode, details: dict[str, str] | None
) -> None:
    error = lost_result(REGISTRY.find(name), has_timed_out=has_timed_out).error

    assert error is not None
    assert (error.code, error.details) == (code, details)
    assert ("not known" in error.message) == (name == "follow_user")


def test_call_that_was_cut_off_by_a_stop_says_so() -> None:
    error = lost_result(REGISTRY.find("my_profile"), has_timed_out=False, is_stopped=True).error

    assert error is not None
    assert (error.code, error.message) == (ToolErrorCode.DECLINED, STOPPED)
