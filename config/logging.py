"""Structured logs: one JSON object per line, with fields of the allow-list only.

Exception texts and log arguments of third-party code may hold addresses, tokens or codes, so they are dropped. Of an
exception, the class and the stack frames remain.
"""

import json
import logging
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime

ALLOWED_FIELDS = """
    request_id method route status duration_ms error dependency workflow_id workflow_type activity_type
    attempt task_queue queues port signal operator kind state flow_kind seq root_key model
""".split()
TEMPORAL_FIELDS = ("workflow_id", "workflow_type", "activity_type", "attempt", "task_queue")
ENCODER = json.JSONEncoder(default=str)
OWN_LOGGERS = "decode"
"""Messages of these loggers are constant texts of this product and may be printed as they are."""


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object. `request_id` returns the current request id, if any."""

    def __init__(self, service: str, request_id: Callable[[], str | None]) -> None:
        super().__init__()
        self._service = service
        self._request_id = request_id

    def format(self, record: logging.LogRecord) -> str:
        """Return the JSON line; fields without a value are left out."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage() if _is_ours(record) else _bare(record),
            "request_id": self._request_id(),
        }
        line |= _temporal_facts(record)
        line |= {field: value for field in ALLOWED_FIELDS if (value := getattr(record, field, None)) is not None}
        if record.exc_info and record.exc_info[1]:
            line |= _exception_facts(record.exc_info[1])
        return ENCODER.encode({key: value for key, value in line.items() if value is not None})


TEMPORAL_FAILURE = "__temporal_error_identifier"
"""What Temporal's SDK calls a failure in its own message about it, such as `ActivityFailure`: a constant."""


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name == OWN_LOGGERS or record.name.startswith(f"{OWN_LOGGERS}.")


def _bare(record: logging.LogRecord) -> str:
    """Return the constant part of a third-party message: its template up to the first `%` or `(`.

    A message without arguments may have data in it, so what the SDK calls the failure, or the module and line of the
    call, takes its place.
    """
    if isinstance(record.msg, str) and record.args:
        return record.msg.split("%", 1)[0].split("(", 1)[0].strip()[:120]
    return str(getattr(record, TEMPORAL_FAILURE, f"{record.module}:{record.lineno}"))


def _temporal_facts(record: logging.LogRecord) -> dict[str, object]:
    facts: dict[str, object] = {}
    for extra in ("temporal_workflow", "temporal_activity"):
        context = getattr(record, extra, None) or {}
        facts |= {field: context[field] for field in TEMPORAL_FIELDS if field in context}
    return facts


def _exception_facts(error: BaseException) -> dict[str, object]:
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    return {"error": _class_of(error), "where": [f"{f.filename}:{f.lineno} {f.name}" for f in frames]}


def _class_of(error: BaseException) -> str:
    """Return the class of an error; of one that an activity has translated for Temporal, the class that it names."""
    name = type(error).__name__
    return str(getattr(error, "type", name)) if name == "ApplicationError" else name


def configure_logging(service: str, level: str, request_id: Callable[[], str | None]) -> None:
    """Send all logs to standard error as JSON lines. `request_id` returns the current id, if any."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(service, request_id))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("uvicorn.access", "pymongo", "neo4j", "temporalio.activity", "temporalio.worker._worker"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
