"""The access log: a line for each request, as any other line, written in batches and complete at a clean stop."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.causes import request_id
from api.http.access_log import BATCH_SECONDS, AccessLog
from config.logging import JsonLines
from tests.support.polling import eventually


class Written(list[bytes]):
    """What was written, write by write."""

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in b"".join(self).splitlines()]


@pytest.fixture
def written() -> Written:
    return Written()


@pytest.fixture
def access_log(written: Written, caplog: pytest.LogCaptureFixture) -> AccessLog:
    caplog.set_level(logging.INFO, "decode.access")
    return AccessLog(written.append)


def add(access_log: AccessLog, status: int = 200, route: str | None = "/health") -> None:
    access_log.add(method="GET", route=route, status=status, seconds=0.01234)


@pytest.mark.parametrize("route", ["/users/{user_id}", None])
async def test_line_is_the_one_that_the_logging_module_would_write(
    access_log: AccessLog, written: Written, route: str | None
) -> None:
    request_id.set("request-1")
    add(access_log, route=route)
    await access_log.aclose()
    facts = {"method": "GET", "route": route, "status": 200, "duration_ms": 12.3}
    record = logging.getLogger("decode.access").makeRecord(
        "decode.access", logging.INFO, __file__, 1, "request", (), None, extra=facts
    )
    logged = json.loads(JsonLines("api", request_id.get).format(record))

    (line,) = written.lines
    assert datetime.fromisoformat(line["at"]).tzinfo == UTC
    assert list(line.items())[1:] == list(logged.items())[1:]
    assert len(line["at"]) == len(logged["at"])


async def test_lines_are_written_together_within_the_deadline(access_log: AccessLog, written: Written) -> None:
    add(access_log, 200)
    add(access_log, 404)
    assert written == []

    async def has_written() -> bool:
        return bool(written)

    await eventually(has_written, within=20 * BATCH_SECONDS)
    assert [line["status"] for line in written.lines] == [200, 404]
    assert len(written) == 1


async def test_batch_after_a_batch_is_written_as_well(access_log: AccessLog, written: Written) -> None:
    async def has_written(count: int) -> bool:
        return len(written) == count

    add(access_log, 200)
    await eventually(lambda: has_written(1))
    add(access_log, 404)
    await eventually(lambda: has_written(2))

    assert [line["status"] for line in written.lines] == [200, 404]


async def test_closed_log_has_written_every_line_and_writes_the_next_at_once(
    access_log: AccessLog, written: Written
) -> None:
    add(access_log, 200)
    await access_log.aclose()
    assert [line["status"] for line in written.lines] == [200]

    add(access_log, 404)
    assert [line["status"] for line in written.lines] == [200, 404]


async def test_nothing_is_written_below_the_level_of_the_logs(
    access_log: AccessLog, written: Written, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "decode.access")
    add(access_log)
    await access_log.aclose()

    assert written == []
