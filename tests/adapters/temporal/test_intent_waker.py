"""The waker: the first wake-up at once, those that meet it together, and no request waits for them."""

from collections.abc import AsyncIterator

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus

from adapters.temporal import intent_waker
from adapters.temporal.client import new_runtime
from adapters.temporal.intent_waker import IntentWaker, open_intent_waker
from domain import intents
from domain.intents import IntentKind, Shard, shard_of
from tests.gateway.serving import free_port
from tests.support.polling import eventually
from tests.workflows.time_skipping import skipping_servers
from workflows.operations.intent_drain import DRAINS, SUMMARY, IntentDrain

KIND = IntentKind.GRAPH_SYNC
USER_ID = "5f" * 12
SIGNALED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[Client]:
    """A client of a server without workers: what it is sent stays in the histories."""
    async with skipping_servers() as servers:
        yield await servers.new_client()


@pytest.fixture
async def waker(client: Client) -> AsyncIterator[IntentWaker]:
    async with open_intent_waker(client) as waker:
        yield waker


async def signals(client: Client, shard: Shard) -> int:
    history = await client.get_workflow_handle(shard.workflow_id).fetch_history()
    return [event.event_type for event in history.events].count(SIGNALED)


def test_names_are_those_of_the_workflow() -> None:
    assert IntentDrain.__name__ == intent_waker.WORKFLOW
    assert intent_waker.SUMMARY == SUMMARY
    assert {kind: drain.queue for kind, drain in DRAINS.items()} == intent_waker.QUEUES
    assert set(DRAINS) == set(IntentKind) == set(intents.SHARD_COUNTS) == set(intents.LINGER_SECONDS)


async def test_wake_ups_that_meet_are_two_signals(
    client: Client, waker: IntentWaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intents, "SHARD_COUNTS", {KIND: 256})
    shard = shard_of(KIND, USER_ID)

    for _ in range(1_000):
        waker.wake(KIND, USER_ID)
    await waker.wait_until_idle()

    assert await signals(client, shard) == 1
    waker.wake(KIND, USER_ID)
    await eventually(lambda: has_signals(client, shard, 2))
    for _ in range(1_000):
        waker.wake(KIND, USER_ID)
    await waker.wait_until_idle()
    assert await signals(client, shard) == 3


async def has_signals(client: Client, shard: Shard, count: int) -> bool:
    return await signals(client, shard) == count


async def test_shards_are_woken_apart(client: Client, waker: IntentWaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intents, "SHARD_COUNTS", {KIND: 4})

    for last in ("00", "01", "02", "03"):
        waker.wake(KIND, f"{USER_ID[:22]}{last}")
    await waker.wait_until_idle()

    assert [await signals(client, Shard(KIND, number)) for number in range(4)] == [1, 1, 1, 1]


async def test_entity_that_has_ended_is_started_again(
    client: Client, waker: IntentWaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intents, "SHARD_COUNTS", {KIND: 16})
    entity = client.get_workflow_handle(shard_of(KIND, USER_ID).workflow_id)
    waker.wake(KIND, USER_ID)
    await waker.wait_until_idle()
    before = (await entity.describe()).run_id
    await entity.terminate()

    waker.wake(KIND, USER_ID)
    await waker.wait_until_idle()

    assert (await entity.describe()).status is WorkflowExecutionStatus.RUNNING
    assert (await entity.describe()).run_id != before


async def test_wake_up_without_temporal_is_lost_and_the_next_one_tried(caplog: pytest.LogCaptureFixture) -> None:
    away = await Client.connect(f"127.0.0.1:{free_port()}", lazy=True, runtime=new_runtime(None))

    async with open_intent_waker(away) as waker:
        waker.wake(KIND, USER_ID)
        await waker.wait_until_idle()
        waker.wake(KIND, USER_ID)

    assert caplog.messages == []
