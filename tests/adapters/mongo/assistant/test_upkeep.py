"""Words go when their time is over: of a deleted chat nothing is left, of another that there was one."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import pytest
from bson import ObjectId

from adapters.mongo.assistant.upkeep import ChatUpkeepStore
from domain.assistant.chats import Chat, ChatChange
from domain.assistant.language_models import CallAsked
from domain.assistant.turn_ends import STOPPED
from tests.support.talks import Talks

ALL = 10_000


async def spoken_in(talks: Talks, chat: Chat) -> None:
    """Let the chat have a title and a turn."""
    await talks.resources.assistant.chats.change(talks.user_id, chat.chat_id, ChatChange(title="Tea"), talks.now)
    await talks.finish(await talks.send(chat.chat_id), STOPPED)


async def waiting(talks: Talks, *, before: datetime, limit: int = ALL) -> list[str]:
    return list(await talks.resources.assistant.upkeep.find_waiting(before=before, limit=limit))


async def test_chat_is_kept_until_its_retention_ends(talks: Talks, chat: Chat) -> None:
    await spoken_in(talks, chat)
    before = await talks.documents(chat.chat_id)

    await talks.resources.assistant.upkeep.drop_words(chat.expires_at + timedelta(days=30, seconds=-1), limit=ALL)

    assert await talks.documents(chat.chat_id) == before


async def test_chat_past_its_retention_has_no_word_and_no_turn(talks: Talks, chat: Chat) -> None:
    await spoken_in(talks, chat)
    gone_at = chat.expires_at + timedelta(days=30)

    dropped = [await talks.resources.assistant.upkeep.drop_words(gone_at, limit=ALL) for _ in range(2)]

    shell, turns = await talks.documents(chat.chat_id)
    assert shell
    assert (shell["gone_at"], turns) == (gone_at, [])
    assert {"title", "metadata", "delete_at"} & shell.keys() == set()
    assert (dropped[0] > 0, dropped[1]) == (True, 0)
    assert (await talks.chat(chat.chat_id)).title is None


@pytest.mark.parametrize("is_deleted", [True, False])
async def test_calls_of_tools_go_with_the_words_of_their_chat(talks: Talks, chat: Chat, is_deleted: bool) -> None:
    other = await talks.begin_chat()
    (gone,), (kept,) = [await talks.call_tools(each.chat_id, CallAsked("echo", "{}")) for each in (chat, other)]
    stores = talks.resources.assistant
    if is_deleted:
        await stores.chats.delete(talks.user_id, chat.chat_id, talks.now)
        await stores.upkeep.drop_chat(chat.chat_id, talks.now)
    else:
        await talks.finish(await talks.begin(chat.chat_id), STOPPED)
        await stores.upkeep.drop_words(talks.at(days=31).now, limit=ALL)

    left = await stores.turn_calls.find_many(talks.user_id, [gone.call_id, kept.call_id])
    assert [call.chat_id for call in left] == ([kept.chat_id] if is_deleted else [])


@pytest.mark.parametrize("by_sweep", [True, False])
async def test_nothing_is_left_of_a_deleted_chat(talks: Talks, chat: Chat, by_sweep: bool) -> None:
    await spoken_in(talks, chat)
    await talks.resources.assistant.chats.delete(talks.user_id, chat.chat_id, talks.now)
    upkeep = talks.resources.assistant.upkeep

    await (upkeep.drop_words(talks.now, limit=ALL) if by_sweep else upkeep.drop_chat(chat.chat_id, talks.now))

    assert await talks.documents(chat.chat_id) == (None, [])


async def test_chat_that_was_not_deleted_is_not_dropped_by_its_id(talks: Talks, chat: Chat) -> None:
    await spoken_in(talks, chat)

    await talks.resources.assistant.upkeep.drop_chat(chat.chat_id, talks.now)

    assert len((await talks.documents(chat.chat_id))[1]) == 1


async def test_turns_that_wait_lead_to_their_chats_once(talks: Talks) -> None:
    chats = await talks.begin_chats(3)
    for chat in chats:
        await talks.send(chat.chat_id)
    await talks.at(seconds=1).send(chats[0].chat_id)
    await talks.begin(chats[1].chat_id)
    later = talks.at(seconds=1).now

    found = [each for each in await waiting(talks, before=later) if each in {chat.chat_id for chat in chats}]

    assert sorted(found) == sorted([chats[0].chat_id, chats[2].chat_id])
    assert len(await waiting(talks, before=talks.at(seconds=5).now, limit=1)) == 1
    assert chats[0].chat_id not in await waiting(talks, before=talks.now)


Amid = Callable[[Talks, Chat, datetime], Awaitable[Chat]]


@pytest.fixture
def amid(monkeypatch: pytest.MonkeyPatch, talks: Talks, chat: Chat) -> Callable[[Amid], None]:
    """Lets something happen to the chat after it was found to be due, and before its words are dropped."""

    def happen(change: Amid) -> None:
        drop = ChatUpkeepStore._drop

        async def late(store: ChatUpkeepStore, chats: Sequence[ObjectId], now: datetime) -> None:
            monkeypatch.setattr(ChatUpkeepStore, "_drop", drop)
            await change(talks, chat, now)
            await drop(store, chats, now)

        monkeypatch.setattr(ChatUpkeepStore, "_drop", late)

    return happen


async def reopen(talks: Talks, chat: Chat, now: datetime) -> Chat:
    """By a process whose clock is behind that of the sweep."""
    return await talks.resources.assistant.chats.reopen(talks.user_id, chat.chat_id, now - timedelta(days=2))


async def delete(talks: Talks, chat: Chat, now: datetime) -> Chat:
    return await talks.resources.assistant.chats.delete(talks.user_id, chat.chat_id, now)


async def test_chat_that_is_reopened_at_its_end_keeps_its_words(
    talks: Talks, chat: Chat, amid: Callable[[Amid], None]
) -> None:
    await spoken_in(talks, chat)
    amid(reopen)

    await talks.resources.assistant.upkeep.drop_words(talks.at(days=31).now, limit=ALL)

    reopened = await talks.at(days=29).chat(chat.chat_id)
    assert (reopened.title, reopened.gone_at) == ("Tea", None)
    assert len((await talks.documents(chat.chat_id))[1]) == 1


async def test_nothing_is_left_of_a_chat_that_is_deleted_at_its_end(
    talks: Talks, chat: Chat, amid: Callable[[Amid], None]
) -> None:
    await spoken_in(talks, chat)
    amid(delete)

    for _ in range(2):
        await talks.resources.assistant.upkeep.drop_words(talks.at(days=31).now, limit=ALL)

    assert await talks.documents(chat.chat_id) == (None, [])
