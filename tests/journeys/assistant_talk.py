"""The journey of a user who talks with the assistant: an answer that survives a lost connection, a stop, a tool that
changes something after a yes from another device, and what is left of it all.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from decode_client import DecodeClient
from decode_client.generated.answers import TurnCallView
from tests.journeys.steps import Apps, Member, Step, refused
from tests.support.chat_client import ChatClient, chat_at
from tests.support.mailbox import Mailbox
from tests.support.polling import eventually
from tests.support.websocket_client import connected

COUNTED = " ".join(map(str, range(1, 31)))


async def play(apps: Apps, mailbox: Mailbox) -> AsyncIterator[Step]:
    """Yield each step when it has happened. Raises AssertionError or DecodeError at the first that fails."""
    member, friend = await apps.register(mailbox), await apps.register(mailbox)
    async with opened(apps, member) as chat:
        turn_id = await chat.say("count 30")
        begun = await chat.hear(turn_id, until_chunks=3)
    yield Step("a browser says something; the answer comes word by word")

    async with opened(apps, member, chat.chat_id) as again:
        await again.resume(turn_id, 0, begun.offsets[0])
        rest = await again.hear(turn_id)
        assert begun.text + rest.text == COUNTED, (begun.text, rest.text)
        yield Step("the connection is lost; another goes on where it was")

        endless = await again.say("count 2000")
        await again.hear(endless, until_chunks=2)
        await again.socket.send("stop_turn", turn_id=endless)
        stopped = await again.hear(endless)
        assert stopped.end is not None
        assert (stopped.end["state"], stopped.end["fullResponse"]) == ("stopped", stopped.text)
        yield Step("an answer is stopped; what was said stays")

        following = await again.say(f"call follow_user {json.dumps({'username': friend.person.username})}")
        asked = await again.socket.receive("approval_requested")
        assert friend.person.username in asked["summary"], asked
        yield Step("the assistant wants to follow a user, and asks first")

    second = await apps.on(member.person.fingerprint)
    await second.auth.login(**member.person.credentials)
    call = await waiting(second)
    await second.approvals.decide(call.call_id, decision="once")
    await eventually(lambda: is_closed(second, following), within=30)
    assert (await friend.app.relationships.list_followers(user_id=friend.user_id)).meta.total == 1
    with refused("ApprovalClosed"):
        await second.approvals.decide(call.call_id, decision="decline")
    yield Step("a second device says yes while the first is away; once")

    history = await second.chats.list_messages(chat.chat_id)
    assert [message.role for message in history.messages] == ["user", "assistant"] * 3, history
    assert history.messages[1].content == COUNTED, history
    yield Step("the history has it all")

    await second.chats.delete(chat.chat_id)
    with refused("ChatNotFound"):
        await second.chats.list_messages(chat.chat_id)
    yield Step("the chat is deleted, with every word of it")


@asynccontextmanager
async def opened(apps: Apps, member: Member, chat_id: str | None = None) -> AsyncIterator[ChatClient]:
    """A browser's socket in a new chat, or in one that goes on."""
    ticket = (await member.app.notifications.create_ticket()).ticket
    offered = ["decode.v1", f"decode.ticket.{ticket}"]
    query = f"?chat_id={chat_id}" if chat_id else ""
    async with connected(apps.url, subprotocols=offered, path="/assistant", query=query) as socket:
        yield await chat_at(socket)


async def waiting(app: DecodeClient) -> TurnCallView:
    """The call that waits for the user of an app."""

    async def look() -> list[TurnCallView]:
        return (await app.approvals.list()).approvals

    return (await eventually(look))[0]


async def is_closed(app: DecodeClient, turn_id: str) -> bool:
    return (await app.turns.read_one(turn_id)).state == "completed"
