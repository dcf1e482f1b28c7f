"""Hosts workflows and activities: `python -m workers [queue …]`, all queues by default.

Ready when it polls; on SIGTERM it takes no more work, finishes its tasks (25 s at most) and exits.
"""

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import uvloop
from temporalio.worker import Worker

import adapters.lean_driver  # noqa: F401 - before whatever loads the driver
from adapters.causes import request_id
from adapters.failures import is_not_ready
from adapters.mongo.schema import ensure_indexes
from adapters.neo4j.client import ensure_constraints
from adapters.neo4j.social.plan_warm_up import warm_up
from adapters.resources import Resources, open_resources
from adapters.temporal.client import TlsMissing, require_tls
from config.garbage_collection import collect_less_often
from config.logging import configure_logging
from config.settings import Settings, SettingsError, load_settings
from workers.build_id import build_id
from workers.entities import ensure_entities
from workers.interceptors import ActivityErrors
from workers.registry import QueueWorker, queue_workers
from workers.request_id import WorkerRequestIds
from workers.sandbox import workflow_runner
from workers.schedules import ensure_schedules, ensure_search_attributes
from workflows.queues import Queue

SHUTDOWN_GRACE = timedelta(seconds=20)
HARD_STOP_SECONDS = 25
STICKY_QUEUE_TIMEOUT = timedelta(seconds=2)
"""After a worker dies, its cached workflows wait this long for it before another worker takes them over."""
RETRY_PAUSE_SECONDS = 2

Result = TypeVar("Result")

logger = logging.getLogger("decode.workers")


def new_worker(resources: Resources, queue: Queue, queue_worker: QueueWorker) -> Worker:
    """Return the worker of one queue, as production and the tests run it."""
    return Worker(
        resources.temporal,
        task_queue=queue,
        workflows=queue_worker.workflows,
        activities=queue_worker.activities,
        workflow_runner=workflow_runner(),
        interceptors=[WorkerRequestIds(), ActivityErrors()],
        build_id=build_id(),
        max_concurrent_activities=queue_worker.slots,
        graceful_shutdown_timeout=SHUTDOWN_GRACE,
        sticky_queue_schedule_to_start_timeout=STICKY_QUEUE_TIMEOUT,
    )


async def prepare_servers(resources: Resources) -> None:
    """Create the indexes, search attributes, schedules and entities that workers need. Idempotent."""
    await ensure_indexes(resources.clients.database)
    await ensure_search_attributes(resources.temporal)
    await ensure_schedules(resources.temporal)
    await ensure_entities(resources.temporal)


async def run_workers(settings: Settings, queues: Sequence[Queue]) -> None:
    """Host the queues until SIGTERM or SIGINT. Raises errors that waiting for the servers does not solve."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with AsyncExitStack() as stack:
        resources = await _retry_until_ready(lambda: _open_resources(settings, stack), stopping)
        if resources:
            await _host(resources, queues, stopping, settings.ready_file)


async def _open_resources(settings: Settings, stack: AsyncExitStack) -> Resources:
    """Return resources on prepared servers, closed with `stack`; closed at once if a server is not up."""
    async with AsyncExitStack() as attempt:
        resources = await attempt.enter_async_context(open_resources(settings, service="worker"))
        await prepare_servers(resources)
        stack.push_async_exit(attempt.pop_all())
    return resources


async def _retry_until_ready(attempt: Callable[[], Awaitable[Result]], stopping: asyncio.Event) -> Result | None:
    """Retry while servers are starting, in any order. Returns None when stopping.

    Raises any other error: a bug must not look like a server that is slow to start.
    """
    while not stopping.is_set():
        try:
            return await attempt()
        except Exception as error:
            if not is_not_ready(error):
                raise
            logger.warning("a server is not ready yet", exc_info=error)
        await asyncio.sleep(RETRY_PAUSE_SECONDS)
    return None


async def _host(
    resources: Resources, queues: Sequence[Queue], stopping: asyncio.Event, ready_file: Path | None
) -> None:
    table = queue_workers(resources)
    workers = {queue: new_worker(resources, queue, table[queue]) for queue in queues}
    running = [asyncio.create_task(_serve(resources, queue, worker, stopping)) for queue, worker in workers.items()]
    stop_requested = asyncio.create_task(stopping.wait())
    with _ready(ready_file):
        logger.info("worker ready", extra={"queues": list(queues)})
        await asyncio.wait([*running, stop_requested], return_when=asyncio.FIRST_COMPLETED)
    logger.info("worker stopping")
    stopping.set()
    _exit_hard_after(HARD_STOP_SECONDS)
    await asyncio.gather(*(worker.shutdown() for worker in workers.values() if worker.is_running))
    await asyncio.gather(*running, stop_requested)


async def _serve(resources: Resources, queue: Queue, worker: Worker, stopping: asyncio.Event) -> None:
    """Run one worker. Only the graph queue waits for Neo4j: users can register while it is down."""
    if queue is not Queue.GRAPH:
        return await worker.run()
    await _retry_until_ready(lambda: ensure_constraints(resources.clients.neo4j), stopping)
    if not stopping.is_set():
        async with _warming(resources, stopping):
            await worker.run()


@asynccontextmanager
async def _warming(resources: Resources, stopping: asyncio.Event) -> AsyncIterator[None]:
    """Let Neo4j plan the statements in the background, before a user waits for one; it may take a minute."""
    warming = asyncio.create_task(_warm_up(resources, stopping))
    try:
        yield
    finally:
        warming.cancel()


async def _warm_up(resources: Resources, stopping: asyncio.Event) -> None:
    try:
        await _retry_until_ready(lambda: warm_up(resources.clients.neo4j), stopping)
    except Exception as error:
        # Only the first caller of each statement waits longer, so the worker still takes work.
        logger.warning("statements are not planned beforehand", exc_info=error)


@contextmanager
def _ready(marker: Path | None) -> Iterator[None]:
    """Create the file while this process takes work; health checks look for it."""
    if marker is None:
        yield
        return
    marker.touch()
    try:
        yield
    finally:
        marker.unlink(missing_ok=True)


def _exit_hard_after(seconds: int) -> None:
    """Exit after `seconds`, so that an activity that ignores its cancellation does not keep the process alive."""
    asyncio.get_running_loop().call_later(seconds, os._exit, 1)


def main() -> int:
    """Run the workers. Returns the exit code: 0 after a stop, 1 after an error, 2 for invalid settings."""
    parser = argparse.ArgumentParser(prog="python -m workers", description=__doc__)
    parser.add_argument("queues", nargs="*", type=Queue, default=list(Queue), metavar="queue")
    queues = parser.parse_args().queues
    try:
        settings = load_settings()
        if settings.is_production:
            require_tls()
    except (SettingsError, TlsMissing) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    configure_logging("worker", settings.log_level, request_id.get)
    collect_less_often()
    try:
        uvloop.run(run_workers(settings, queues))
    except Exception as error:
        logger.critical("worker ended by an error that waiting does not mend", exc_info=error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
