"""Patches the waits inside the drivers (PyMongo 4.20 and redis-py 8.1 on Python 3.11), which lose cancellations and may
deadlock a process.

The drivers wait by `asyncio.wait_for`, which before Python 3.12 (python/cpython#96764) runs the wait in a task of its
own. A caller that is cancelled just as this task has ended goes on as if it was not: an activity that was to end, or
work whose time is over. One that is cancelled while the task waits to reacquire a lock releases the lock and leaves,
then the task acquires it, and every later call waits for ever. `asyncio.timeout` has no second task.
"""
# Goes with Python 3.11: delete this file, its test, and its calls in the clients of mongo and redis.

import asyncio
from collections.abc import Awaitable
from types import SimpleNamespace
from typing import TypeVar

import pymongo.lock
import pymongo.network_layer
import redis.asyncio.connection

Result = TypeVar("Result")


async def wait_for(work: Awaitable[Result], timeout: float | None) -> Result:
    """Return the result of `work`. Raises what it raises, and TimeoutError after so many seconds."""
    async with asyncio.timeout(timeout):
        return await work


PATCHED = SimpleNamespace(**vars(asyncio) | {"wait_for": wait_for})
"""`asyncio` as the drivers are to see it: workflows and the rest of the process keep the wait of the library."""


def patch_driver_waits() -> None:
    """Replace the waits for all clients of this process."""
    setattr(pymongo.lock, "wait_for", wait_for)  # noqa: B010 - the module does not export what it imports
    for module in (pymongo.network_layer, redis.asyncio.connection):
        setattr(module, "asyncio", PATCHED)  # noqa: B010 - likewise
