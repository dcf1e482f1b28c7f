"""Wake-ups of chats: none is given up while the sweep does not look for its message either."""

from datetime import timedelta

import pytest
from temporalio.client import Client

from adapters.resources import Resources
from api.assistant.turn_waker import open_turn_waker
from tests.support.polling import eventually
from workflows.operations.sweep import MIN_INTENT_AGE


async def test_wake_up_has_time_until_the_sweep(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    given = list[timedelta]()

    async def start_workflow(*_: object, rpc_timeout: timedelta, **__: object) -> None:
        given.append(rpc_timeout)

    async def is_given() -> bool:
        return bool(given)

    monkeypatch.setattr(Client, "start_workflow", start_workflow)
    async with open_turn_waker(resources.temporal, resources.hashes) as waker:
        waker.wake(resources.hashes.new_object_id())
        await eventually(is_given)

    assert given == [MIN_INTENT_AGE]
