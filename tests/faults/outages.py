"""Takes servers and processes away and brings them back. Blocking work is done off the event loop."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from devstack.processes import Process, is_alive
from devstack.stack import Stack
from devstack.state import read_state
from tests.support.polling import eventually


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
    """Running, but silent: its connections stay open and get no reply."""
    pid = stack.pid(name)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def send_signal(stack: Stack, name: str, number: signal.Signals) -> Process:
    """Signal a process as an orchestrator or a crash would. Returns it."""
    row = read_state(stack.folder).find(name)
    assert row is not None
    assert row.process is not None
    os.kill(row.process.pid, number)
    return row.process


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
