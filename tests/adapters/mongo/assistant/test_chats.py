"""Chats in the store: begun once, twenty at a time, found by their user alone, gone when they are deleted."""

import asyncio
from datetime import timedelta

import pytest
from bson import ObjectId

from domain.assistant.chats import MAX_LIVE_CHATS, Chat, ChatChange, ChatStatus, EndReason
from domain.assistant.errors import ChatGone, ChatNotFound
from domain.errors import IdempotencyKeyReused, NotAuthenticated
from domain.journal.occurrences import OccurrenceType
from domain.paging import PageRequest, parse_cursor
from tests.support.accounts import make_unknown
from tests.support.occurrences import occurrences_of
from tests.support.talks import Talks, talks_of

CHAT_TYPES = [OccurrenceType[f"CHAT_{what}"] for what in ("CREATED", "UPDATED", "REOPENED", "ENDED", "DELETED")]


async def written(talks: Talks, chat: Chat) -> list[OccurrenceType]:
    return [kind for kind, _ in await occurrences_of(talks.resources, chat.chat_id, *CHAT_TYPES)]


async def living(talks: Talks) -> list[str]:
    """Return the ids of the user's open chats, the latest used first."""
    page = await talks.resources.assistant.chats.list_page(talks.user_id, PageRequest(100), talks.now)
    return [chat.chat_id for chat in page.rows if chat.status(talks.now) is not ChatStatus.ENDED]


async def test_chat_is_what_was_asked_for(talks: Talks) -> None:
    chat = await talks.begin_chat(model="mock", tools=["echo"], metadata={"é": [1, None]})

    assert (chat.model, chat.tools, chat.metadata) == ("mock", ["echo"], {"é": [1, None]})
    assert (chat.turns, chat.expires_at - talks.now) == (0, timedelta(minutes=15))
    assert await talks.chat(chat.chat_id) == chat


async def test_repeat_is_the_same_chat_and_another_one_is_refused(talks: Talks) -> None:
    new = talks.new_chat()
    chats = talks.resources.assistant.chats
    first = await chats.create(new)
    await talks.send(first.chat_id)

    again = await chats.create(new)

    assert (again.chat_id, again.turns) == (first.chat_id, 1)
    with pytest.raises(IdempotencyKeyReused):
        await chats.create(talks.new_chat(chat_id=new.chat_id, body_hash="another"))
    assert await written(talks, first) == [OccurrenceType.CHAT_CREATED]


async def test_chat_is_found_by_its_user_alone(talks: Talks, chat: Chat) -> None:
    other = talks_of(talks.resources, (await make_unknown(talks.resources)).user["_id"])
    chats = talks.resources.assistant.chats

    assert await chats.find(other.user_id, chat.chat_id, talks.now) is None
    for refused in (
        chats.change(other.user_id, chat.chat_id, ChatChange(title="Mine"), talks.now),
        chats.reopen(other.user_id, chat.chat_id, talks.now),
        chats.delete(other.user_id, chat.chat_id, talks.now),
    ):
        with pytest.raises(ChatNotFound):
            await refused
    assert await talks.chat(chat.chat_id) == chat


async def test_one_chat_too_many_ends_the_one_used_longest_ago_and_asks_its_turns_to_stop(talks: Talks) -> None:
    first, second, *_ = await talks.begin_chats(MAX_LIVE_CHATS)
    spoken = await talks.at(seconds=30).send(first.chat_id)
    waiting = await talks.send(second.chat_id)

    new = await talks.at(seconds=60).begin_chat()

    later = talks.at(seconds=61)
    ended = await talks.chat(second.chat_id)
    assert (ended.end_reason(later.now), ended.expires_at) == (EndReason.EVICTED, new.created_at)
    assert len(await living(later)) == MAX_LIVE_CHATS
    assert (await talks.turn(waiting.turn_id)).stop_asked_at == new.created_at
    assert (await talks.turn(spoken.turn_id)).stop_asked_at is None
    assert await written(talks, second) == [OccurrenceType.CHAT_CREATED, OccurrenceType.CHAT_ENDED]


async def test_chats_that_begin_at_once_are_no_more_than_allowed(talks: Talks) -> None:
    await talks.begin_chats(MAX_LIVE_CHATS - 1)

    await asyncio.gather(*(talks.at(seconds=60 + number).begin_chat() for number in range(3)))

    assert len(await living(talks.at(seconds=70))) == MAX_LIVE_CHATS


async def test_reopened_chat_makes_another_end_and_keeps_its_turns(talks: Talks) -> None:
    first, second, *_ = await talks.begin_chats(MAX_LIVE_CHATS)
    await talks.at(seconds=60).begin_chat()
    later = talks.at(seconds=120)

    reopened = await talks.resources.assistant.chats.reopen(talks.user_id, first.chat_id, later.now)

    assert (reopened.status(later.now), reopened.ended_reason) == (ChatStatus.ACTIVE, None)
    assert reopened.expires_at == later.now + timedelta(minutes=15)
    assert (await talks.chat(second.chat_id)).ended_reason is EndReason.EVICTED
    assert len(await living(later)) == MAX_LIVE_CHATS


async def test_reopening_what_is_open_ends_no_other(talks: Talks) -> None:
    chats = await talks.begin_chats(MAX_LIVE_CHATS)

    await talks.resources.assistant.chats.reopen(talks.user_id, chats[0].chat_id, talks.at(seconds=60).now)

    assert len(await living(talks.at(seconds=61))) == MAX_LIVE_CHATS


async def test_user_who_is_not_active_begins_and_reopens_no_chat(talks: Talks, chat: Chat) -> None:
    own = {"_id": ObjectId(talks.user_id)}
    await talks.resources.clients.database["users"].update_one(own, {"$set": {"is_active": False}})

    with pytest.raises(NotAuthenticated):
        await talks.begin_chat()
    with pytest.raises(NotAuthenticated):
        await talks.resources.assistant.chats.reopen(talks.user_id, chat.chat_id, talks.now)


async def test_properties_change_and_an_empty_title_is_none(talks: Talks, chat: Chat) -> None:
    chats = talks.resources.assistant.chats
    changes = [ChatChange(title="Tea ☕"), ChatChange(tools=["echo"]), ChatChange(title="")]

    changed = [await chats.change(talks.user_id, chat.chat_id, each, talks.now) for each in changes]

    assert [(each.title, each.tools) for each in changed] == [("Tea ☕", None), ("Tea ☕", ["echo"]), (None, ["echo"])]
    assert await written(talks, chat) == [OccurrenceType.CHAT_CREATED, *[OccurrenceType.CHAT_UPDATED] * 3]


async def test_grace_begins_when_the_last_socket_has_gone_and_no_turn_is_open(talks: Talks, chat: Chat) -> None:
    chats, grace = talks.resources.assistant.chats, timedelta(minutes=5)
    first, second = [await talks.send(chat.chat_id) for _ in range(2)]
    left, once, twice = [talks.at(minutes=minutes) for minutes in (1, 12, 14)]

    lives_until = []
    await chats.disconnect(chat.chat_id, left.now)
    for later, turn in ((once, first), (twice, second)):
        lives_until.append((await talks.chat(chat.chat_id)).expires_at)
        await later.resources.assistant.messages.stop(talks.user_id, turn.turn_id, later.now)

    ended = await talks.chat(chat.chat_id)
    assert lives_until == [left.now + timedelta(minutes=15), once.now + timedelta(minutes=15)]
    assert (ended.status(twice.now), ended.expires_at) == (ChatStatus.DISCONNECTED, twice.now + grace)


async def test_grace_of_a_chat_without_open_turns_begins_when_its_last_socket_has_gone(
    talks: Talks, chat: Chat
) -> None:
    chats, later = talks.resources.assistant.chats, talks.at(minutes=1)

    await chats.disconnect(chat.chat_id, later.now)
    left = await talks.chat(chat.chat_id)
    await chats.connect(chat.chat_id, later.now)

    assert left.expires_at == later.now + timedelta(minutes=5)
    assert (await talks.chat(chat.chat_id)).expires_at == later.now + timedelta(minutes=15)


async def test_deleted_chat_is_found_no_more_and_its_turns_are_asked_to_stop(talks: Talks, chat: Chat) -> None:
    await talks.send(chat.chat_id)
    chats = talks.resources.assistant.chats

    await chats.delete(talks.user_id, chat.chat_id, talks.now)

    assert await chats.find(talks.user_id, chat.chat_id, talks.now) is None
    assert chat.chat_id not in await living(talks)
    assert [turn["stop_asked_at"] for turn in (await talks.documents(chat.chat_id))[1]] == [talks.now]
    with pytest.raises(ChatNotFound):
        await chats.delete(talks.user_id, chat.chat_id, talks.now)
    assert await written(talks, chat) == [OccurrenceType.CHAT_CREATED, OccurrenceType.CHAT_DELETED]


async def test_chat_whose_words_are_gone_is_neither_changed_nor_reopened(talks: Talks, chat: Chat) -> None:
    gone = talks.at(days=31)
    await talks.resources.assistant.upkeep.drop_words(gone.now, limit=10_000)
    chats = talks.resources.assistant.chats

    with pytest.raises(ChatGone):
        await chats.reopen(talks.user_id, chat.chat_id, gone.now)
    with pytest.raises(ChatGone):
        await chats.change(talks.user_id, chat.chat_id, ChatChange(title="Tea"), gone.now)
    assert (await talks.chat(chat.chat_id)).gone_at == gone.now
    assert await written(talks, chat) == [OccurrenceType.CHAT_CREATED]


async def test_pages_are_all_chats_the_latest_used_first(talks: Talks) -> None:
    chats = [each.chat_id for each in await talks.begin_chats(5)]
    await talks.at(seconds=30).send(chats[1])
    store, seen, cursor = talks.resources.assistant.chats, list[str](), None

    for _ in range(3):
        request = PageRequest(2, 0, parse_cursor(cursor) if cursor else None)
        page = await store.list_page(talks.user_id, request, talks.now)
        seen, cursor = [*seen, *(each.chat_id for each in page.rows)], page.next_cursor

    assert (seen, cursor) == ([chats[1], chats[4], chats[3], chats[2], chats[0]], None)
