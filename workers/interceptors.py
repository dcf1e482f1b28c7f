"""Wraps every activity: heartbeats, and the translation of errors for Temporal's retries."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities.heartbeats import Heartbeat, running
from adapters.failures import classify_failure
from domain.errors import DecodeError

logger = logging.getLogger("decode.activities")


class ActivityErrors(Interceptor):
    """The worker interceptor that adds heartbeats and error translation to all activities."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Wrap the next interceptor of the chain."""
        return _ActivityErrorsInbound(next)


class _ActivityErrorsInbound(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        """Run the activity. Raises every error as an ApplicationError with only the class and the server's name.

        Messages of drivers contain addresses and documents; none may reach a workflow history or a log.
        """
        try:
            async with _heartbeats():
                result = await super().execute_activity(input)
            logger.info("activity done", extra=_facts())
            return result
        except ApplicationError:
            raise
        except Exception as error:
            translated = _to_application_error(error)
            _log(error, translated)
            raise translated from None


def _to_application_error(error: Exception) -> ApplicationError:
    name = type(error).__name__
    if isinstance(error, DecodeError):
        return ApplicationError(name, type=name, non_retryable=True)
    failure = classify_failure(error)
    if failure is None:
        # A bug, or a key that is not rolled out yet: a deployment solves it, so Temporal keeps retrying.
        return ApplicationError(name, type=name)
    return ApplicationError(name, failure.dependency.value, type=name, non_retryable=not failure.is_transient)


def _log(error: Exception, translated: ApplicationError) -> None:
    dependency = translated.details[0] if translated.details else None
    facts = _facts() | {"error": translated.type, "dependency": dependency}
    logger.warning("activity failed", extra=facts, exc_info=None if dependency else error)


def _facts() -> dict[str, object]:
    info = activity.info()
    return {"workflow_id": info.workflow_id, "activity_type": info.activity_type, "attempt": info.attempt}


@asynccontextmanager
async def _heartbeats() -> AsyncIterator[None]:
    """Send heartbeats during the block, so that the server notices a dead worker within the time-out."""
    timeout = activity.info().heartbeat_timeout
    if timeout is None or activity.info().is_local:
        yield
        return
    beats = Heartbeat()
    running.set(beats)
    beating = asyncio.create_task(_send_heartbeats(beats, timeout / 3))
    try:
        yield
    finally:
        beating.cancel()


async def _send_heartbeats(beats: Heartbeat, pause: timedelta) -> None:
    while True:
        beats.beat()
        await asyncio.sleep(pause.total_seconds())
