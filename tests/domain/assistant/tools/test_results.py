import pytest

from domain.assistant.tools.results import (
    MESSAGES,
    Fault,
    ToolErrorCode,
    ToolResult,
    bounded,
    execution_failed,
    failure,
    invalid_parameters,
    parse_result,
    result_text,
    unknown_outcome,
)


@pytest.mark.parametrize("code", ToolErrorCode)
def test_every_error_has_a_message(code: ToolErrorCode) -> None:
    assert failure(code).error is not None
    assert MESSAGES[code]


@pytest.mark.parametrize(
    "result",
    [
        ToolResult({"users": [{"username": "zoë"}], "total": 1}),
        ToolResult(),
        failure(ToolErrorCode.TIMEOUT),
        execution_failed("UserNotFound", "There is no such user."),
        invalid_parameters([Fault("a.0", "wrong")]),
        unknown_outcome(),
    ],
    ids=["data", "nothing", "timeout", "failed", "faults", "unknown"],
)
def test_result_is_the_same_after_it_was_written_and_read(result: ToolResult) -> None:
    assert parse_result(result_text(result)) == result


def test_words_in_a_result_stay_readable_and_inside_json() -> None:
    assert result_text(ToolResult({"bio": 'é"}'})) == '{"success":true,"data":{"bio":"é\\"}"}}'


def test_larger_result_than_allowed_becomes_an_error() -> None:
    large = ToolResult({"text": "é" * 50})

    assert bounded(large, len(result_text(large).encode())) == large
    assert bounded(large, len(result_text(large).encode()) - 1) == failure(ToolErrorCode.RESULT_TOO_LARGE)
