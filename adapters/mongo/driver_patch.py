"""Patches a wait inside the driver (PyMongo 4.20 on Python 3.11), which may deadlock a process.

The driver waits for a server or a connection under a lock, by `asyncio.wait_for` around a condition. Before Python 3.12
that runs the wait in a task of its own. If the caller is cancelled while this task waits to reacquire the lock, the
caller releases the lock and leaves, then the task acquires it: it is never released, and every later call waits for it.
Under load, each cancelled activity may cause this. `asyncio.timeout` has no second task.
"""
# Goes with Python 3.11: delete this file, its test, and the call in adapters/mongo/client.py.

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

import pymongo.lock

Result = TypeVar("Result")


async def _wait_for(work: Awaitable[Result], timeout: float | None) -> Result:
    async with asyncio.timeout(timeout):
        return await work


def patch_driver_wait_for() -> None:
    """Replace the wait for all clients of this process."""
    setattr(pymongo.lock, "wait_for", _wait_for)  # noqa: B010 - the module does not export what it imports
