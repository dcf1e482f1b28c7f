"""A log line is one JSON object of allowed fields: no text of third-party code, none of an exception."""

import json
import logging
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from temporalio.exceptions import ApplicationError

from config.logging import ALLOWED_FIELDS, JsonLines

SECRET = "alice@example.com"
FORMATTER = JsonLines("api", lambda: "request-1")


def logged(message: object, *args: object, logger: str = "decode.api", **extra: object) -> str:
    """The line written for such a call."""
    record = logging.getLogger(logger).makeRecord(
        logger, logging.WARNING, __file__, 1, message, args, None, extra=dict(extra)
    )
    return FORMATTER.format(record)


def failed(
    error: Exception, message: object = "unexpected error", *, logger: str = "decode.api", **extra: object
) -> str:
    """The line for an error that was raised and caught."""
    try:
        raise error
    except Exception as caught:
        info = (type(caught), caught, caught.__traceback__)
    record = logging.getLogger(logger).makeRecord(
        logger, logging.ERROR, __file__, 1, message, (), info, extra=dict(extra)
    )
    return FORMATTER.format(record)


def test_line_says_when_where_how_bad_and_in_which_request() -> None:
    line = json.loads(logged("dependency away"))

    assert datetime.fromisoformat(line.pop("at")).tzinfo == UTC
    assert line == {
        "level": "warning",
        "service": "api",
        "logger": "decode.api",
        "message": "dependency away",
        "request_id": "request-1",
    }


def test_line_is_one_line() -> None:
    assert "\n" not in logged("two\nlines")


def test_what_is_unknown_is_left_out() -> None:
    record = logging.makeLogRecord({"name": "decode.api", "msg": "started"})

    assert "request_id" not in json.loads(JsonLines("api", lambda: None).format(record))


@pytest.mark.parametrize("field", [field for field in ALLOWED_FIELDS if field != "request_id"])
def test_allowed_field_gets_out(field: str) -> None:
    assert json.loads(logged("request", **{field: "value"}))[field] == "value"


@pytest.mark.parametrize("field", ["email", "password", "token", "code", "body", "address", "headers", "flow_id"])
def test_field_that_is_not_allowed_stays_in(field: str) -> None:
    assert SECRET not in logged("request", **{field: SECRET})


def test_text_of_an_exception_stays_in() -> None:
    assert SECRET not in failed(ValueError(SECRET))


def test_exception_is_its_class_and_where_it_came_from() -> None:
    line = json.loads(failed(ValueError(SECRET)))

    assert line["error"] == "ValueError"
    assert line["where"][-1].endswith(" failed")


def test_cause_of_an_exception_stays_in() -> None:
    error = RuntimeError("outer")
    error.__cause__ = ValueError(SECRET)

    assert SECRET not in failed(error)


def test_arguments_of_a_foreign_message_stay_in() -> None:
    line = logged("Refused recipient %s (%s)", SECRET, SECRET, logger="aiosmtplib")

    assert json.loads(line)["message"] == "Refused recipient"
    assert SECRET not in line


@pytest.mark.parametrize("message", ["Failed: %s", "%s", "(%s)", "{'user': %s}"])
def test_exception_as_an_argument_stays_in(message: str) -> None:
    assert SECRET not in logged(message, ValueError(SECRET), logger="pymongo")


def test_foreign_message_that_was_put_together_before_stays_in() -> None:
    assert SECRET not in logged(f"Refused recipient {SECRET}", logger="aiosmtplib")


def test_exception_as_a_message_stays_in() -> None:
    assert SECRET not in logged(ValueError(SECRET), logger="uvicorn.error")


def test_foreign_traceback_as_a_message_stays_in() -> None:
    """uvicorn logs a failed start so."""
    text = f'Traceback (most recent call last):\n  File "x.py"\nValueError: {SECRET}\n'

    assert SECRET not in logged(text, logger="uvicorn.error")


def test_of_temporals_facts_only_the_allowed_get_out() -> None:
    facts = {"workflow_id": "registration/x", "attempt": 2, "workflow_input": SECRET, "header": SECRET}

    line = logged("retrying", logger="temporalio.activity", temporal_activity=facts)

    assert json.loads(line)["workflow_id"] == "registration/x"
    assert json.loads(line)["attempt"] == 2
    assert SECRET not in line


def test_failure_of_an_activity_is_named_by_what_the_sdk_and_the_activity_call_it() -> None:
    line = failed(
        ApplicationError(SECRET, type="ServerSelectionTimeoutError"),
        f"Completing activity as failed ({SECRET})",
        logger="temporalio.activity",
        __temporal_error_identifier="ActivityFailure",
        temporal_activity={"activity_type": "mail.send"},
    )

    said = json.loads(line)
    assert (said["message"], said["error"]) == ("ActivityFailure", "ServerSelectionTimeoutError")
    assert said["activity_type"] == "mail.send"
    assert SECRET not in line


def test_object_in_an_allowed_field_does_not_break_the_line() -> None:
    assert json.loads(logged("request", state=SimpleNamespace(a=1)))["state"] == "namespace(a=1)"
