"""Work that continues after failures: which errors are logged, and which pass through."""

import asyncio
import logging

import pytest
from redis.exceptions import ConnectionError as RedisAway

from api.http.outages import logged_unless_away

logger = logging.getLogger("decode.tests.outages")


def failing_with(error: BaseException) -> None:
    with logged_unless_away("the work failed", to=logger):
        raise error


def test_unexpected_error_is_logged_with_its_message(caplog: pytest.LogCaptureFixture) -> None:
    failing_with(ValueError())

    assert caplog.messages == ["the work failed"]


def test_unavailable_server_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    failing_with(RedisAway())

    assert caplog.messages == []


def test_cancellation_passes_through() -> None:
    with pytest.raises(asyncio.CancelledError):
        failing_with(asyncio.CancelledError())
