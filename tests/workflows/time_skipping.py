"""Temporal's Java test server, whose clock skips, and the product's workers on it.

Each test has a server of its own, all in one process (10 ms each): one server has one clock, and a child
that ends after its parent stops that clock from skipping for ever (1.38.0, measured).
"""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TypeVar

from google.protobuf.empty_pb2 import Empty
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.api.testservice.v1 import SleepRequest
from temporalio.client import Client
from temporalio.runtime import Runtime
from temporalio.worker import Worker

from adapters.temporal.client import new_runtime
from adapters.temporal.request_id import ClientRequestIds
from devstack.servers.temporal import skipping_server_path
from tests.support.keys import CONVERTER, NAMESPACE
from tests.workflows.fakes.all import Fakes
from workers.build_id import build_id
from workers.interceptors import ActivityErrors
from workers.registry import workflows_of
from workers.request_id import WorkerRequestIds
from workers.sandbox import workflow_runner
from workflows import search_attributes as attributes
from workflows.queues import Queue

PROGRAM = Path(__file__).parent / "SkippingServers.java"
START_SECONDS = 30

Done = TypeVar("Done")


class SkippingServers:
    """The process that holds the servers. A new one ends the one before."""

    def __init__(self, process: Process, runtime: Runtime, complaints: IO[bytes]) -> None:
        self._process = process
        self._runtime = runtime
        self._complaints = complaints

    async def new_client(self) -> Client:
        """A client of a new server, with the product's data converter, test keys and search attributes."""
        client = await Client.connect(
            f"127.0.0.1:{await self._new_port()}",
            namespace=NAMESPACE,
            data_converter=CONVERTER,
            interceptors=[ClientRequestIds()],
            runtime=self._runtime,
            identity="test",
        )
        await _register_search_attributes(client)
        return client

    async def _new_port(self) -> int:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(b"\n")
        line = await asyncio.wait_for(self._process.stdout.readline(), START_SECONDS)
        assert line, self._complained()
        return int(line)

    def _complained(self) -> str:
        self._complaints.seek(0)
        return self._complaints.read().decode()


class Clock:
    """The server's clock. It skips only where a test says so; otherwise it runs in real time."""

    def __init__(self, client: Client) -> None:
        self._server = client.test_service

    async def now(self) -> datetime:
        return (await self._server.get_current_time(Empty())).time.ToDatetime(tzinfo=UTC)

    async def advance(self, duration: timedelta) -> None:
        """Skip so much time; timers that are due within it fire. A child must not outlive its parent in it."""
        sleep = SleepRequest()
        sleep.duration.FromTimedelta(duration)
        await self._server.unlock_time_skipping_with_sleep(sleep)

    async def advance_until(self, work: Awaitable[Done], *, step: timedelta = timedelta(seconds=1)) -> Done:
        """Skip step by step until `work` is done."""
        task = asyncio.ensure_future(work)
        while not task.done():
            await self.advance(step)
        return await task


@asynccontextmanager
async def skipping_servers() -> AsyncIterator[SkippingServers]:
    """Starts the process; ends it."""
    library = (await asyncio.to_thread(skipping_server_path)).parent / "lib" / "*"
    options = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", str(library))
    with TemporaryFile() as complaints:
        process = await asyncio.create_subprocess_exec(
            "java", *options, str(PROGRAM), stdin=PIPE, stdout=PIPE, stderr=complaints
        )
        try:
            yield SkippingServers(process, new_runtime(None), complaints)
        finally:
            assert process.stdin
            process.stdin.close()
            await process.wait()


@asynccontextmanager
async def run_workers(client: Client, fakes: Fakes, *, without: str | None = None) -> AsyncIterator[None]:
    """A worker on each of the product's queues: its workflows, runner and interceptors, fake activities.

    `without`: they are the workers of before this patch, and leave nothing cached behind.
    """
    activities = fakes.activities()
    async with AsyncExitStack() as stack:
        for queue in Queue:
            worker = Worker(
                client,
                task_queue=queue,
                workflows=workflows_of(queue),
                activities=activities[queue],
                workflow_runner=workflow_runner(),
                interceptors=[WorkerRequestIds(), ActivityErrors()],
                build_id=build_id(),
                max_cached_workflows=0 if without else 1000,
                patch_activation_callback=lambda patch: patch.patch_id != without,
            )
            await stack.enter_async_context(worker)
        yield
        fakes.recover()


def assert_at(moment: datetime | None, due: datetime | None) -> None:
    """Not before, and with no more delay than the server's own work takes."""
    assert moment
    assert due
    assert due <= moment < due + timedelta(seconds=5)


async def _register_search_attributes(client: Client) -> None:
    # The product asks first which there are; this server cannot list them.
    keyword = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
    names = dict.fromkeys([key.name for key in attributes.ALL_ATTRIBUTES], keyword)
    await client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(namespace=NAMESPACE, search_attributes=names)
    )
