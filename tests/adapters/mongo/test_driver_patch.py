"""Locks inside the MongoDB driver survive work that is given up: else its process hangs for ever."""

import asyncio

import pytest
from pymongo.lock import _async_cond_wait, _async_create_condition, _async_create_lock

from adapters.mongo.driver_patch import patch_driver_wait_for
from tests.support.polling import eventually


async def test_wait_that_is_given_up_while_the_lock_is_taken_leaves_it_free() -> None:
    """As when an activity is cancelled just as its wait for a server is over."""
    patch_driver_wait_for()
    lock = _async_create_lock()
    condition = _async_create_condition(lock)

    async def wait_for_a_server() -> None:
        async with lock:
            await _async_cond_wait(condition, 0.1)

    waiting = asyncio.create_task(wait_for_a_server())
    await eventually(lambda: _is_waited_for(condition))
    async with lock:
        await eventually(lambda: _is_waited_for(lock))
        waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    async with asyncio.timeout(1), lock:
        assert lock.locked()
    assert not lock.locked()


async def _is_waited_for(what: object) -> bool:
    return bool(getattr(what, "_waiters", None))
