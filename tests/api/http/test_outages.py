"""Work that goes on whatever fails in it: what is logged, and what passes through."""

import asyncio
import logging

import pytest
from redis.exceptions import ConnectionError as RedisAway

from api.http.outages import logged_unless_away

logger = logging.getLogger("decode.tests.outages")


def failing_with(error: BaseException) -> None:
    with logged_unless_away("the work failed", to=logger):
        raise error


def test_error_of_ours_is_logged_with_its_sentence(caplog: pytest.LogCaptureFixture) -> None:
    failing_with(ValueError())

    assert caplog.messages == ["the work failed"]


def test_server_that_is_away_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    failing_with(RedisAway())

    assert caplog.messages == []


def test_cancellation_passes_through() -> None:
    with pytest.raises(asyncio.CancelledError):
        failing_with(asyncio.CancelledError())
