"""Takes servers and processes away and brings them back. Blocking work is done off the event loop."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from adapters.resources import Resources
from devstack.environment import for_process
from devstack.launch import ROOT
from devstack.processes import Process, end, is_alive, spawn
from devstack.stack import Stack
from devstack.state import read_state
from tests.support.polling import eventually
from workflows.assistant.turns import turns_workflow_id


@asynccontextmanager
async def away(stack: Stack, name: str) -> AsyncIterator[None]:
    """Stopped while the block runs, healthy again after it."""
    await asyncio.to_thread(stack.stop, name)
    try:
        yield
    finally:
        await asyncio.to_thread(stack.start, name)


@contextmanager
def frozen(stack: Stack, name: str) -> Iterator[None]:
    """Running, but silent: its connections stay open and get no reply. It may be killed meanwhile."""
    pid = stack.pid(name)
    os.kill(pid, signal.SIGSTOP)
    try:
        _wait_until_stopped(pid)
        yield
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def _wait_until_stopped(pid: int) -> None:
    """On a busy machine a thread that has not run since the signal still answers one more request."""
    deadline = time.monotonic() + 10
    while not all(_is_stopped(thread) for thread in Path(f"/proc/{pid}/task").iterdir()):
        assert time.monotonic() < deadline, f"process {pid} does not stop"
        os.sched_yield()


def _is_stopped(thread: Path) -> bool:
    _, _, after_name = (thread / "stat").read_text(encoding="utf-8").rpartition(")")
    return after_name.split()[0] == "T"


@asynccontextmanager
async def another_worker(stack: Stack) -> AsyncIterator[None]:
    """A second worker beside that of the stack, while the block runs."""
    ready = stack.folder.ready("another-worker")
    ready.unlink(missing_ok=True)
    process = spawn(
        (sys.executable, "-m", "workers"),
        variables=for_process(stack.environment() | {"DECODE_READY_FILE": str(ready)}, inherited=os.environ),
        log=stack.folder.log("another-worker"),
        cwd=ROOT,
    )

    async def is_ready() -> bool:
        return ready.exists()

    try:
        await eventually(is_ready, within=60)
        yield
    finally:
        await asyncio.to_thread(end, process, patience=25)


def send_signal(stack: Stack, name: str, number: signal.Signals) -> Process:
    """Signal a process as an orchestrator or a crash would. Returns it."""
    row = read_state(stack.folder).find(name)
    assert row is not None
    assert row.process is not None
    os.kill(row.process.pid, number)
    return row.process


async def kill_worker_of(resources: Resources, chat_id: str) -> None:
    """Kill the worker that is busy with an activity of a chat's turns, or else has done their last task."""
    run = resources.temporal.get_workflow_handle(turns_workflow_id(resources.hashes.workflow_key(chat_id)))
    busy = (await run.describe()).raw_description.pending_activities
    done = [event.workflow_task_completed_event_attributes async for event in run.fetch_history_events()]
    identity = busy[0].last_worker_identity if busy else [each.identity for each in done if each.identity][-1]
    os.kill(int(identity.partition("@")[0].removeprefix("worker.")), signal.SIGKILL)


async def gone(process: Process, *, within: float) -> None:
    """Return once the process has left."""

    async def has_left() -> bool:
        return not is_alive(process)

    await eventually(has_left, within=within)


async def healthy(stack: Stack, *, within: float = 60) -> None:
    """Return once everything that ought to run is well."""

    async def is_well() -> bool:
        state = await asyncio.to_thread(stack.state)
        return all(row["healthy"] for row in state["servers"] + state["processes"])

    await eventually(is_well, within=within)
