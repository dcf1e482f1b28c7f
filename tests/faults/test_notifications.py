"""Notifications through outages: after all of them each one has been received once, in order."""

import signal
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from redis.exceptions import RedisError

from adapters.mongo.notifications.inboxes import SeqRange
from adapters.resources import Resources
from config.settings import Settings
from devstack.stack import Stack
from domain.users.security_events import EventKind, SecurityEvent
from tests.faults.outages import away, healthy, send_signal
from tests.gateway.serving import serving
from tests.support.envelope import data
from tests.support.notification_client import reading_notifications
from tests.support.notifications import leave_open, store_and_push
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.websocket_client import connected, socket_of

OUTAGE_SECONDS = 10.0


@pytest.fixture(autouse=True)
async def connected_anew(well: None, resources: Resources) -> None:
    """A connection from before the last outage is dead, and nothing here retries."""
    await resources.clients.redis.connection_pool.disconnect()


async def sign_in(api: httpx.AsyncClient, someone: SignedIn, *, times: int = 1) -> None:
    """Each is an event that the user is notified of."""
    for _ in range(times):
        data(await api.post("/auth/login", json=someone.person.credentials))


async def lasted(since: float) -> bool:
    return time.monotonic() - since >= OUTAGE_SECONDS


async def stored(resources: Resources, someone: SignedIn) -> int:
    return (await resources.notifications.inboxes.find_last_seqs([someone.user["_id"]])).get(someone.user["_id"], 0)


async def until_stored(resources: Resources, someone: SignedIn, seq: int) -> None:
    async def is_stored() -> bool:
        return await stored(resources, someone) >= seq

    await eventually(is_stored, within=60)


async def test_what_happens_without_redis_is_seen_when_it_is_back(
    stack: Stack, api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    async with reading_notifications(someone, stack.url("api")) as reader:
        await sign_in(api, someone)
        await reader.has_seen([1])
        async with away(stack, "redis"):
            began = time.monotonic()
            await sign_in(api, someone, times=3)
            await until_stored(resources, someone, 4)
            await eventually(lambda: lasted(began))
        await sign_in(api, someone)

        await reader.has_seen([1, 2, 3, 4, 5])


async def test_socket_opened_without_redis_is_sent_notifications(
    stack: Stack, resources: Resources, someone: SignedIn
) -> None:
    async with away(stack, "redis"), socket_of(someone, stack.url("api"), after=0) as client:
        await resources.clients.redis.connection_pool.disconnect()
        await eventually(lambda: written(resources, someone))

        assert await client.receive_seqs(within=25) == [1]


async def test_read_without_redis_is_sent_at_once_to_sockets_of_the_same_process(
    stack: Stack, api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    await store_and_push(resources, someone.user["_id"])

    async with socket_of(someone, stack.url("api"), after=1) as client, away(stack, "redis"):
        data(await api.patch("/notifications/read-all", headers=someone.bearer))

        await client.receive("notification_read")


async def test_read_without_redis_is_sent_to_other_processes_when_it_is_back(
    stack: Stack, settings: Settings, api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    await store_and_push(resources, someone.user["_id"])

    async with serving(settings) as other_url, socket_of(someone, other_url, after=1) as client:
        async with away(stack, "redis"):
            data(await api.patch("/notifications/read-all", headers=someone.bearer))

        await client.receive("notification_read")


async def test_read_with_a_lost_message_is_sent_when_mongodb_is_back(
    stack: Stack, resources: Resources, someone: SignedIn
) -> None:
    await store_and_push(resources, someone.user["_id"])
    (only,) = await resources.notifications.inboxes.read_ranges([SeqRange(someone.user["_id"], 0, 1)])

    async with socket_of(someone, stack.url("api"), after=1) as client:
        await resources.notifications.notifications.mark_read(
            someone.user["_id"], only.notification_id, datetime.now(UTC)
        )
        async with away(stack, "mongodb"):
            await resources.clients.redis.client_kill_filter(_type="pubsub")
            await eventually(lambda: is_heard_again(resources))

        await client.receive("notification_read", within=30)


async def is_heard_again(resources: Resources) -> bool:
    """Whether the API listens to Redis."""
    return bool(await resources.clients.redis.client_list(_type="pubsub"))


async def written(resources: Resources, someone: SignedIn) -> bool:
    try:
        await store_and_push(resources, someone.user["_id"])
    except RedisError:
        return await stored(resources, someone) > 0
    return True


async def test_gateway_that_is_killed_is_resumed_from(
    stack: Stack, api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    async with reading_notifications(someone, stack.url("api")) as reader:
        await store_and_push(resources, someone.user["_id"], 3)
        await reader.has_seen([1, 2, 3])

        send_signal(stack, "api", signal.SIGKILL)
        await store_and_push(resources, someone.user["_id"], 120)
        await healthy(stack)
        await sign_in(api, someone)

        await reader.has_seen(range(1, 125))


async def test_worker_killed_between_store_and_publish_publishes_when_it_is_back(
    stack: Stack, api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    """Stored, and not pushed, for Redis is away; then the worker dies."""
    async with reading_notifications(someone, stack.url("api")) as reader:
        await sign_in(api, someone)
        await reader.has_seen([1])
        async with away(stack, "redis"):
            await sign_in(api, someone)
            await until_stored(resources, someone, 2)
            send_signal(stack, "worker", signal.SIGKILL)
        await healthy(stack)
        await sign_in(api, someone)

        await reader.has_seen([1, 2, 3])


async def test_without_mongodb_sockets_stay_open_and_are_sent_later(
    stack: Stack, api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    await store_and_push(resources, someone.user["_id"])
    async with socket_of(someone, stack.url("api"), after=1) as client:
        async with away(stack, "mongodb"):
            await client.send("ack", seq=1)
            refused = await client.receive("error", within=30)
        await sign_in(api, someone)

        assert refused["error"] == "DependencyUnavailable"
        assert await client.receive_seqs(within=60) == [2]


async def test_socket_opened_without_mongodb_is_asked_to_try_again(stack: Stack, someone: SignedIn) -> None:
    async with away(stack, "mongodb"), connected(stack.url("api"), someone.bearer) as client:
        assert await client.closed(within=30) == 1013


async def test_without_temporal_and_workers_a_sign_in_is_notified_at_once(
    stack: Stack, api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    async with (
        reading_notifications(someone, stack.url("api")) as reader,
        away(stack, "worker"),
        away(stack, "temporal"),
    ):
        await sign_in(api, someone)

        assert await stored(resources, someone) == 1
        await reader.has_seen([1])


async def test_without_temporal_an_event_left_to_its_intent_is_notified_when_it_is_back(
    stack: Stack, resources: Resources, someone: SignedIn
) -> None:
    a_minute_ago = datetime.now(UTC) - timedelta(minutes=1)
    event_id = resources.hashes.new_object_id()
    async with reading_notifications(someone, stack.url("api")) as reader:
        async with away(stack, "temporal"):
            await leave_open(
                resources, SecurityEvent(event_id, someone.user["_id"], EventKind.ROLE_CHANGED, a_minute_ago)
            )

        await reader.has_seen([1], within=90)
