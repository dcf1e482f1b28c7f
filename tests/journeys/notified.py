"""The journey of a user with a WebSocket: a new follower, a lost connection, and no notification missed.

The first socket is that of a browser, spoken by hand; the second is our client's.
"""

from collections.abc import AsyncIterator
from contextlib import aclosing

from tests.journeys.steps import Apps, Step
from tests.support.mailbox import Mailbox
from tests.support.websocket_client import WebSocketClient, connected


async def play(apps: Apps, mailbox: Mailbox) -> AsyncIterator[Step]:
    """Yield each step when it has happened. Raises AssertionError or DecodeError at the first that fails."""
    followed, follower, other, last = [await apps.register(mailbox) for _ in range(4)]
    target = followed.user_id
    ticket = (await followed.app.notifications.create_ticket()).ticket
    yield Step("a browser asks for a ticket")

    async with connected(apps.url, subprotocols=["decode.v1", f"decode.ticket.{ticket}"]) as socket:
        await socket.receive("user_connected")
        await socket.send("resume", after=0)
        yield Step("it opens a socket with it and says what it has seen")

        await follower.app.relationships.follow(user_id_to=target)
        received = await socket.receive("notification_received")
        assert received["message"] == f"{follower.person.username} just followed you", received
        yield Step("another user follows; the frame is there")

        await _read(socket, received["_id"])
        assert (await followed.app.notifications.count_unread()).count == 0
        yield Step("it is read on the socket, and so everywhere")

    await other.app.relationships.follow(user_id_to=target)
    yield Step("another user follows while no socket is open")

    async with aclosing(followed.app.notifications.follow(after=received["seq"])) as notifications:
        missed = await anext(notifications)
        await last.app.relationships.follow(user_id_to=target)
        next_one = await anext(notifications)
    assert [missed.seq, next_one.seq] == [received["seq"] + 1, received["seq"] + 2]
    assert next_one.message == f"{last.person.username} just followed you"
    yield Step("the connection is back; what was missed comes, and only that")


async def _read(socket: WebSocketClient, notification_id: str) -> None:
    await socket.send("mark_notification_read", notificationId=notification_id)
    assert (await socket.receive("notification_read"))["notificationId"] == notification_id
