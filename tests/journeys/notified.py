"""The journey of a user with a WebSocket: a new follower, a lost connection, and no notification missed."""

from collections.abc import AsyncIterator

import httpx

from tests.journeys.registration import Step
from tests.journeys.steps import at_home, data
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn, register
from tests.support.websocket_client import WebSocketClient, connected

FOLLOW = "/relationship/follow/following"


async def play(api: httpx.AsyncClient, mailbox: Mailbox) -> AsyncIterator[Step]:
    """Yield each step when it has happened. Raises AssertionError at the first that fails."""
    followed, follower, other = [await register(api, mailbox) for _ in range(3)]
    ticket = data(await api.post("/notifications/ticket", headers=at_home(followed)), 201)["ticket"]
    yield Step("a browser asks for a ticket")

    async with connected(str(api.base_url), subprotocols=["decode.v1", f"decode.ticket.{ticket}"]) as socket:
        await socket.receive("user_connected")
        await socket.send("resume", after=0)
        yield Step("it opens a socket with it and says what it has seen")

        await _follow(api, follower, followed)
        received = await socket.receive("notification_received")
        assert received["message"] == f"{follower.person.username} just followed you", received
        yield Step("another user follows; the frame is there")

        await _read(socket, received["_id"])
        count = data(await api.get("/notifications/unread/count", headers=at_home(followed)))["count"]
        assert count == 0, count
        yield Step("it is read on the socket, and so everywhere")

    await _follow(api, other, followed)
    yield Step("another user follows while no socket is open")

    after = f"?after={received['seq']}"
    async with connected(str(api.base_url), at_home(followed), query=after) as socket:
        missed = await socket.receive("notification_received")
        assert missed["seq"] == received["seq"] + 1, missed
        await socket.send("ack", seq=missed["seq"])
        await socket.receives_nothing("notification_received")
    yield Step("the connection is back; what was missed comes, and only that")


async def _follow(api: httpx.AsyncClient, by: SignedIn, whom: SignedIn) -> None:
    data(await api.post(FOLLOW, json={"user_id_to": whom.user["_id"]}, headers=at_home(by)))


async def _read(socket: WebSocketClient, notification_id: str) -> None:
    await socket.send("mark_notification_read", notificationId=notification_id)
    assert (await socket.receive("notification_read"))["notificationId"] == notification_id
