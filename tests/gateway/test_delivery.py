"""Delivery on a socket: missed notifications, then new ones, in order and once each; and what counts as delivered."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime

import httpx
import pytest
from bson import ObjectId

from adapters.mongo.notifications.inboxes import InboxStore
from adapters.resources import Resources
from tests.support.envelope import data
from tests.support.notifications import store_and_push
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.websocket_client import connected, socket_of

MANY = 120
"""More than a page of the replay (50), and more than a batch."""


async def delivered(resources: Resources, someone: SignedIn) -> list[int]:
    """Return the seqs that the store has as delivered to the user, ascending."""
    mine = {"user_id": ObjectId(someone.user["_id"]), "delivered": True}
    found = resources.clients.database["notifications"].find(mine).sort("seq")
    return [document["seq"] async for document in found]


async def until_delivered(resources: Resources, someone: SignedIn, *seqs: int) -> None:
    async def is_so() -> bool:
        return await delivered(resources, someone) == [*seqs]

    await eventually(is_so)


async def test_new_notification_is_pushed_at_once(url: str, api: httpx.AsyncClient, someone: SignedIn) -> None:
    async with socket_of(someone, url, after=0) as client:
        data(await api.post("/auth/login", json=someone.person.credentials))

        notification = await client.receive("notification_received")

    assert (notification["type"], notification["seq"]) == ("session_created", 1)


async def test_frame_names_its_user(url: str, resources: Resources, someone: SignedIn) -> None:
    async with socket_of(someone, url, after=0) as client:
        await store_and_push(resources, someone.user["_id"])

        notification = await client.receive("notification_received")

    assert (notification["user_id"], notification["delivered"], notification["read"]) == (
        someone.user["_id"],
        False,
        False,
    )


@pytest.mark.parametrize("after", [0, 40, MANY - 1])
async def test_resume_replays_all_newer_notifications_in_order(
    url: str, resources: Resources, someone: SignedIn, after: int
) -> None:
    await store_and_push(resources, someone.user["_id"], MANY)

    async with socket_of(someone, url, after=after) as client:
        assert await client.receive_seqs(MANY - after) == list(range(after + 1, MANY + 1))


async def test_resume_in_a_frame_replays(url: str, resources: Resources, someone: SignedIn) -> None:
    await store_and_push(resources, someone.user["_id"], 5)

    async with connected(url, someone.bearer) as client:
        hello = await client.receive("user_connected")
        await client.send("resume", after=3)

        assert (hello["last_seq"], hello["unread"]) == (5, 5)
        assert await client.receive_seqs(2) == [4, 5]


async def test_resume_in_the_authenticate_frame_replays(url: str, resources: Resources, someone: SignedIn) -> None:
    await store_and_push(resources, someone.user["_id"], 3)

    async with connected(url) as client:
        await client.send("authenticate", token=someone.session["access_token"], after=2)
        await client.receive("user_connected")

        assert await client.receive_seqs() == [3]


async def test_later_resume_replays_from_its_own_seq(url: str, resources: Resources, someone: SignedIn) -> None:
    await store_and_push(resources, someone.user["_id"], 4)
    async with socket_of(someone, url, after=4) as client:
        await client.receives_nothing("notification_received")

        await client.send("resume", after=2)
        assert await client.receive_seqs(2) == [3, 4]
        await store_and_push(resources, someone.user["_id"])
        assert await client.receive_seqs() == [5]


async def test_client_ahead_of_the_store_gets_new_notifications(
    url: str, resources: Resources, someone: SignedIn
) -> None:
    """As after the store was restored from an older backup."""
    await store_and_push(resources, someone.user["_id"], 2)

    async with socket_of(someone, url, after=1_000_000) as client:
        await client.receives_nothing("notification_received")
        await store_and_push(resources, someone.user["_id"])

        assert await client.receive_seqs() == [3]


async def test_what_is_stored_while_a_client_ahead_resumes_is_pushed(
    other_url: str, resources: Resources, someone: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = InboxStore.find_last_seqs

    async def store_before_reading(inboxes: InboxStore, user_ids: Sequence[str]) -> Mapping[str, int]:
        monkeypatch.undo()
        await store_and_push(resources, someone.user["_id"])
        return await read(inboxes, user_ids)

    await store_and_push(resources, someone.user["_id"], 2)

    async with socket_of(someone, other_url, after=2) as client:
        monkeypatch.setattr(InboxStore, "find_last_seqs", store_before_reading)
        await client.send("resume", after=1_000_000)

        assert await client.receive_seqs() == [3]


@pytest.mark.defect(67)
async def test_replay_and_live_meet_without_gap_or_repeat(url: str, resources: Resources, someone: SignedIn) -> None:
    await store_and_push(resources, someone.user["_id"], MANY)

    async with socket_of(someone, url, after=0) as client:
        more = asyncio.create_task(push_one_by_one(resources, someone, 30))

        assert await client.receive_seqs(MANY + 30) == list(range(1, MANY + 31))
        await more
        await client.receives_nothing("notification_received")


async def push_one_by_one(resources: Resources, someone: SignedIn, number: int) -> None:
    for _ in range(number):
        await store_and_push(resources, someone.user["_id"])


async def test_deleted_seq_is_skipped(url: str, resources: Resources, someone: SignedIn) -> None:
    """As when the oldest notifications are deleted after their 180 days."""
    await store_and_push(resources, someone.user["_id"], 3)
    await resources.clients.database["notifications"].delete_many({"user_id": ObjectId(someone.user["_id"]), "seq": 2})

    async with socket_of(someone, url, after=0) as client:
        assert await client.receive_seqs(2) == [1, 3]


async def test_client_without_a_seq_gets_the_undelivered_notifications(
    url: str, resources: Resources, someone: SignedIn
) -> None:
    await store_and_push(resources, someone.user["_id"], 4)
    async with socket_of(someone, url, after=0) as first:
        await first.receive_seqs(4)
        await first.send("ack", seq=2)
        await until_delivered(resources, someone, 1, 2)

    async with socket_of(someone, url) as client:
        assert await client.receive_seqs(2) == [3, 4]
        await store_and_push(resources, someone.user["_id"])
        assert await client.receive_seqs() == [5]


@pytest.mark.defect(66)
async def test_client_with_a_seq_has_delivered_what_it_acknowledges(
    url: str, resources: Resources, someone: SignedIn
) -> None:
    await store_and_push(resources, someone.user["_id"], 3)

    async with socket_of(someone, url, after=0) as client:
        await client.receive_seqs(3)
        assert await delivered(resources, someone) == []
        await client.send("ack", seq=2)

        await until_delivered(resources, someone, 1, 2)


@pytest.mark.defect(66)
async def test_client_without_a_seq_has_delivered_what_was_written(
    url: str, resources: Resources, someone: SignedIn
) -> None:
    await store_and_push(resources, someone.user["_id"], 2)

    async with socket_of(someone, url) as client:
        await client.receive_seqs(2)
        await until_delivered(resources, someone, 1, 2)
        await store_and_push(resources, someone.user["_id"])
        await client.receive_seqs()

        await until_delivered(resources, someone, 1, 2, 3)


async def test_what_is_stored_while_the_undelivered_are_replayed_is_delivered_too(
    other_url: str, resources: Resources, someone: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = InboxStore.mark_delivered

    async def store_before_marking(inboxes: InboxStore, seqs: Mapping[str, Sequence[int]], now: datetime) -> None:
        monkeypatch.undo()
        await store_and_push(resources, someone.user["_id"])
        await mark(inboxes, seqs, now)

    await store_and_push(resources, someone.user["_id"], 2)

    async with socket_of(someone, other_url) as client:
        monkeypatch.setattr(InboxStore, "mark_delivered", store_before_marking)

        assert await client.receive_seqs(3) == [1, 2, 3]
        await until_delivered(resources, someone, 1, 2, 3)


async def test_all_sockets_of_a_user_get_each_notification(url: str, resources: Resources, someone: SignedIn) -> None:
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(socket_of(someone, url, after=0)) for _ in range(5)]

        await store_and_push(resources, someone.user["_id"], 3)

        assert [await each.receive_seqs(3) for each in sockets] == [[1, 2, 3]] * 5


async def test_sockets_of_other_users_get_nothing(
    url: str, resources: Resources, someone: SignedIn, other: SignedIn
) -> None:
    async with socket_of(someone, url, after=0) as client, socket_of(other, url, after=0) as theirs:
        await store_and_push(resources, someone.user["_id"])
        await client.receive_seqs()

        await theirs.receives_nothing("notification_received")
