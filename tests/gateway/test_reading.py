"""A notification read on one device is read on all, whether by socket or over HTTP."""

from datetime import UTC, datetime

import httpx
from bson import ObjectId

from adapters.resources import Resources
from tests.support.envelope import data
from tests.support.notifications import store_and_push
from tests.support.people import SignedIn
from tests.support.websocket_client import socket_of

LIST = "/notifications"
MANY = 1_001


async def ids(resources: Resources, someone: SignedIn) -> list[str]:
    """Return the ids of all notifications of the user, oldest first."""
    mine = {"user_id": ObjectId(someone.user["_id"])}
    found = resources.clients.database["notifications"].find(mine).sort("seq")
    return [str(document["_id"]) async for document in found]


async def test_read_on_a_socket_is_sent_to_all_sockets(
    url: str, other_url: str, api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    await store_and_push(resources, someone.user["_id"], 2)
    first, _ = await ids(resources, someone)

    async with socket_of(someone, url, after=2) as here, socket_of(someone, other_url, after=2) as there:
        await here.send("mark_notification_read", notificationId=first)
        received = [await client.receive("notification_read") for client in (here, there)]

    row = data(await api.get(LIST, headers=someone.bearer))["notifications"][1]
    assert {each["notificationId"] for each in received} == {first}
    assert row["read"] is True
    assert {each["read_at"][:23] for each in received} == {row["read_at"][:23]}


async def test_read_over_http_is_sent_to_all_sockets(
    url: str, other_url: str, api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    await store_and_push(resources, someone.user["_id"])
    (only,) = await ids(resources, someone)

    async with socket_of(someone, url, after=1) as here, socket_of(someone, other_url, after=1) as there:
        data(await api.patch(f"{LIST}/{only}/read", headers=someone.bearer))

        received = [(await client.receive("notification_read"))["notificationId"] for client in (here, there)]

    assert received == [only, only]


async def test_reading_all_sends_one_event_per_notification(
    url: str, api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    """More events than the queue of a slow socket holds: they are sent as fast as it reads."""
    await store_and_push(resources, someone.user["_id"], 90)

    async with socket_of(someone, url, after=90) as client:
        data(await api.patch(f"{LIST}/read-all", headers=someone.bearer))
        received = {(await client.receive("notification_read"))["notificationId"] for _ in range(90)}

    assert received == set(await ids(resources, someone))


async def test_reading_more_than_a_thousand_sends_every_event(
    url: str, api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    await store_and_push(resources, someone.user["_id"], MANY)

    async with socket_of(someone, url, after=MANY) as client:
        data(await api.patch(f"{LIST}/read-all", headers=someone.bearer))
        received = {(await client.receive("notification_read"))["notificationId"] for _ in range(MANY)}

    assert received == set(await ids(resources, someone))


async def test_read_whose_event_was_lost_is_sent_after_redis_reconnects(
    url: str, resources: Resources, someone: SignedIn
) -> None:
    await store_and_push(resources, someone.user["_id"])
    (only,) = await ids(resources, someone)

    async with socket_of(someone, url, after=1) as client:
        await resources.notifications.notifications.mark_read(someone.user["_id"], only, datetime.now(UTC))
        await resources.clients.redis.client_kill_filter(_type="pubsub")

        assert (await client.receive("notification_read"))["notificationId"] == only


async def test_read_notification_is_not_sent_again(url: str, resources: Resources, someone: SignedIn) -> None:
    await store_and_push(resources, someone.user["_id"])
    (only,) = await ids(resources, someone)

    async with socket_of(someone, url, after=1) as client:
        await client.send("mark_notification_read", notificationId=only)
        await client.receive("notification_read")
        await client.send("mark_notification_read", notificationId=only)

        await client.receives_nothing("notification_read")


async def test_notification_of_another_user_is_not_found(
    url: str, resources: Resources, someone: SignedIn, other: SignedIn
) -> None:
    await store_and_push(resources, other.user["_id"])
    (theirs,) = await ids(resources, other)

    async with socket_of(someone, url, after=0) as client:
        await client.send("mark_notification_read", notificationId=theirs)

        assert (await client.receive("error"))["error"] == "NotificationNotFound"
    assert await resources.notifications.notifications.count_unread(other.user["_id"]) == 1
