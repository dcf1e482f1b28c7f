"""Work that is given up ends inside the drivers too, and leaves their locks free."""

import asyncio
from typing import Any

import pymongo.network_layer
import pytest
import redis.asyncio.connection
from pymongo.lock import _async_cond_wait, _async_create_condition, _async_create_lock

from adapters.driver_patch import patch_driver_waits
from tests.support.polling import eventually


async def test_wait_that_is_given_up_while_the_lock_is_taken_leaves_it_free() -> None:
    """As when an activity is cancelled just as its wait for a server is over."""
    patch_driver_waits()
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


@pytest.mark.parametrize("driver", [pymongo.network_layer, redis.asyncio.connection], ids=["mongo", "redis"])
async def test_work_that_is_given_up_as_a_write_ends_does_not_go_on(driver: Any) -> None:
    patch_driver_waits()
    written = asyncio.get_running_loop().create_future()
    working = asyncio.create_task(driver.asyncio.wait_for(written, 1))
    await asyncio.sleep(0)

    written.set_result(None)
    working.cancel()

    with pytest.raises(asyncio.CancelledError):
        await working


async def _is_waited_for(what: object) -> bool:
    return bool(getattr(what, "_waiters", None))
