"""Turns as they are read."""

from domain.assistant.chats import Chat
from domain.assistant.turn_ends import STOPPED
from tests.support.accounts import make_unknown
from tests.support.talks import Talks


async def test_turn_is_found_by_its_user_alone(talks: Talks, chat: Chat) -> None:
    turn, turns = await talks.send(chat.chat_id), talks.resources.assistant.turns
    other = (await make_unknown(talks.resources)).user["_id"]

    assert await turns.find(talks.user_id, turn.turn_id, talks.now) == turn
    assert await turns.find(other, turn.turn_id, talks.now) is None
    assert await turns.find(talks.user_id, "0" * 24, talks.now) is None


async def test_turns_are_listed_from_any_number_the_newest_first(talks: Talks, chat: Chat) -> None:
    sent = [await talks.send(chat.chat_id, text) for text in ("one", "two", "three")]
    turns = talks.resources.assistant.turns

    assert await turns.list_before(chat.chat_id, None, limit=2) == [sent[2], sent[1]]
    assert await turns.list_before(chat.chat_id, 3, limit=9) == [sent[1], sent[0]]


async def test_open_turns_of_chats_are_listed_in_order(talks: Talks, chat: Chat) -> None:
    first, second = [await talks.send(chat.chat_id) for _ in range(2)]
    other = await talks.begin_chat()
    await talks.finish(await talks.send(other.chat_id), STOPPED)
    turns = talks.resources.assistant.turns

    assert await turns.list_open([chat.chat_id, other.chat_id]) == [first, second]
    assert {each.turn_id for each in await turns.find_many([first.turn_id, "0" * 24])} == {first.turn_id}
