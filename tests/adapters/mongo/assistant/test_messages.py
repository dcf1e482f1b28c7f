"""Messages in the store: accepted or refused by name, in order; answers stopped and had anew."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.assistant.chats import MAX_OPEN_TURNS, Chat
from domain.assistant.errors import ChatExpired, ChatNotFound, TooManyTurns, TurnClosed, TurnNotFound, TurnRunning
from domain.assistant.turn_ends import ENDS, STOPPED, UNAVAILABLE, RoundEnd, TurnState
from domain.assistant.turns import Turn, TurnMode, Usage
from domain.errors import DecodeError, IdempotencyKeyReused
from tests.support.accounts import make_unknown
from tests.support.talks import Talks, talks_of

Ask = Callable[[Talks, Turn], Awaitable[Turn]]


@pytest.fixture
async def other(talks: Talks) -> Talks:
    """Another user."""
    return talks_of(talks.resources, (await make_unknown(talks.resources)).user["_id"])


async def stop(talks: Talks, turn: Turn) -> Turn:
    return await talks.resources.assistant.messages.stop(talks.user_id, turn.turn_id, talks.now)


async def retry(talks: Talks, turn: Turn) -> Turn:
    return await talks.resources.assistant.messages.retry(talks.user_id, turn.turn_id, talks.now)


async def failed(talks: Talks, chat: Chat) -> Turn:
    """Return a turn that has failed after it had said something."""
    await talks.send(chat.chat_id)
    turn = await talks.begin(chat.chat_id)
    await talks.resources.assistant.answers.save(await talks.draft(turn, "I was about"))
    await talks.finish(turn, UNAVAILABLE)
    return await talks.turn(turn.turn_id)


async def test_messages_are_numbered_and_wait_for_those_before(talks: Talks, chat: Chat) -> None:
    accepted = [await talks.accept(talks.message(chat.chat_id, text)) for text in ("one", "two", "three")]

    assert [(each.turn.number, each.turn.text, each.ahead) for each in accepted] == [
        (1, "one", 0),
        (2, "two", 1),
        (3, "three", 2),
    ]
    assert [await talks.turn(each.turn.turn_id) for each in accepted] == [each.turn for each in accepted]


async def test_message_is_a_use_of_its_chat(talks: Talks, chat: Chat) -> None:
    later = talks.at(minutes=14)

    await later.send(chat.chat_id)

    used = await talks.chat(chat.chat_id)
    assert (used.last_activity_at, used.expires_at) == (later.now, later.now + timedelta(minutes=15))
    assert (used.turns, used.open_turns) == (1, 1)


async def test_repeat_is_the_same_turn_whatever_has_become_of_it_and_of_its_chat(talks: Talks, chat: Chat) -> None:
    message = talks.message(chat.chat_id)
    first = await talks.accept(message)
    waiting = await talks.accept(message)
    turn = await talks.begin(chat.chat_id)
    await talks.finish(turn, STOPPED)

    late = await talks.at(hours=1).accept(replace(message, asked_at=talks.at(hours=1).now))

    assert [each.is_new for each in (first, waiting, late)] == [True, False, False]
    assert (late.turn.turn_id, late.turn.state, late.ahead) == (first.turn.turn_id, TurnState.STOPPED, 0)
    assert (await talks.chat(chat.chat_id)).turns == 1


async def test_same_message_from_two_places_at_once_is_one_turn(talks: Talks, chat: Chat) -> None:
    message = talks.message(chat.chat_id)

    accepted = await asyncio.gather(*(talks.accept(message) for _ in range(5)))

    assert sum(each.is_new for each in accepted) == 1
    assert {(each.turn.turn_id, each.ahead) for each in accepted} == {(message.turn_id, 0)}
    assert (await talks.chat(chat.chat_id)).open_turns == 1


async def test_id_of_a_message_is_of_no_other_text_and_no_other_user(talks: Talks, other: Talks, chat: Chat) -> None:
    message = await talks.accept(first := talks.message(chat.chat_id))
    foreign = replace(first, user_id=other.user_id, chat_id=(await other.begin_chat()).chat_id)

    assert message.is_new
    for reused in (replace(first, body_hash="another"), foreign):
        with pytest.raises(IdempotencyKeyReused):
            await talks.accept(reused)


async def test_message_is_refused_where_there_is_no_such_chat(talks: Talks, other: Talks, chat: Chat) -> None:
    deleted = await talks.begin_chat()
    await talks.resources.assistant.chats.delete(talks.user_id, deleted.chat_id, talks.now)

    for refused in (talks.message("0" * 24), other.message(chat.chat_id), talks.message(deleted.chat_id)):
        with pytest.raises(ChatNotFound):
            await talks.accept(refused)
    assert (await talks.chat(chat.chat_id)).turns == 0


async def test_message_in_the_moment_of_expiry_is_judged_by_the_store(talks: Talks, chat: Chat) -> None:
    last = replace(talks, now=chat.expires_at - timedelta(milliseconds=1))
    await last.send(chat.chat_id)

    with pytest.raises(ChatExpired):
        await replace(talks, now=last.now + timedelta(minutes=15)).send(chat.chat_id)
    assert (await talks.chat(chat.chat_id)).turns == 1


async def test_message_to_an_evicted_chat_is_refused(talks: Talks) -> None:
    first, *_ = await talks.begin_chats(21)

    with pytest.raises(ChatExpired):
        await talks.at(seconds=21).send(first.chat_id)


async def test_message_that_is_not_to_wait_is_refused_while_another_is_open(talks: Talks, chat: Chat) -> None:
    first = await talks.send(chat.chat_id, mode=TurnMode.REJECT)

    with pytest.raises(TurnRunning):
        await talks.send(chat.chat_id, "more", TurnMode.REJECT)
    await stop(talks, first)
    assert (await talks.send(chat.chat_id, "more", TurnMode.REJECT)).number == 2


async def test_message_that_interrupts_ends_all_that_wait_and_is_not_refused_for_them(talks: Talks, chat: Chat) -> None:
    before = [await talks.send(chat.chat_id) for _ in range(MAX_OPEN_TURNS)]
    await talks.begin(chat.chat_id)
    later = talks.at(seconds=1)

    new = await later.accept(later.message(chat.chat_id, "wait", TurnMode.INTERRUPT))

    running, *waiting = [await talks.turn(each.turn_id) for each in before]
    assert (running.state, running.stop_asked_at) == (TurnState.RUNNING, later.now)
    assert {(each.state, each.ended_at) for each in waiting} == {(TurnState.STOPPED, later.now)}
    assert (new.turn.state, new.turn.stop_asked_at, new.ahead) == (TurnState.QUEUED, None, 1)
    assert (await talks.chat(chat.chat_id)).open_turns == 2


async def test_message_that_interrupts_ends_nothing_where_it_is_refused(talks: Talks, other: Talks, chat: Chat) -> None:
    message = talks.message(chat.chat_id, mode=TurnMode.INTERRUPT)
    turn = (await talks.accept(message)).turn

    for refused, refusal in (
        (other.message(chat.chat_id, mode=TurnMode.INTERRUPT), ChatNotFound),
        (replace(message, body_hash="another"), IdempotencyKeyReused),
    ):
        with pytest.raises(refusal):
            await talks.accept(refused)
    assert (await talks.accept(message)).turn == turn


async def test_of_two_hundred_messages_at_once_four_are_open_and_no_number_is_missing(talks: Talks, chat: Chat) -> None:
    sent = await asyncio.gather(*(talks.send(chat.chat_id) for _ in range(200)), return_exceptions=True)

    kept = [each for each in sent if isinstance(each, Turn)]
    refusals = [type(each) for each in sent if not isinstance(each, Turn)]
    _, documents = await talks.documents(chat.chat_id)
    assert sorted(each.number for each in kept) == [each["number"] for each in documents] == [1, 2, 3, 4]
    assert refusals == [TooManyTurns] * 196
    assert (await talks.chat(chat.chat_id)).open_turns == MAX_OPEN_TURNS


async def test_turn_that_waits_is_stopped_at_once(talks: Talks, chat: Chat) -> None:
    turn = await talks.send(chat.chat_id)

    stopped = [await stop(talks, turn), await stop(talks, turn)]

    assert [each.state for each in stopped] == [TurnState.STOPPED] * 2
    assert (await talks.chat(chat.chat_id)).open_turns == 0


async def test_turn_that_is_being_answered_is_asked_to_stop_once(talks: Talks, chat: Chat) -> None:
    await talks.send(chat.chat_id)
    turn = await talks.begin(chat.chat_id)

    first, again = await stop(talks, turn), await stop(talks.at(seconds=1), turn)

    assert (first.state, first.stop_asked_at) == (TurnState.RUNNING, talks.now)
    assert again == first
    assert (await talks.chat(chat.chat_id)).open_turns == 1


async def test_turn_that_is_over_is_not_stopped(talks: Talks, chat: Chat) -> None:
    with pytest.raises(TurnClosed):
        await stop(talks, await failed(talks, chat))


@pytest.mark.parametrize("ask", [stop, retry])
async def test_turn_of_another_user_is_not_found(talks: Talks, other: Talks, chat: Chat, ask: Ask) -> None:
    turn = await talks.send(chat.chat_id)

    with pytest.raises(TurnNotFound):
        await ask(other, turn)


async def test_turn_that_is_answered_anew_has_its_number_and_nothing_of_the_answer(talks: Talks, chat: Chat) -> None:
    first = await failed(talks, chat)
    await talks.send(chat.chat_id, "meanwhile")

    anew = await retry(talks, first)

    assert (anew.number, anew.attempt, anew.state, anew.text) == (1, 2, TurnState.QUEUED, first.text)
    assert (anew.parts, anew.rounds, anew.failure, anew.ended_at, anew.usage) == ([], 0, None, None, Usage())
    assert (await talks.begin(chat.chat_id)).turn_id == first.turn_id
    assert (await talks.chat(chat.chat_id)).open_turns == 2


async def test_turn_is_answered_anew_once(talks: Talks, chat: Chat) -> None:
    turn = await failed(talks, chat)

    anew = await asyncio.gather(*(retry(talks, turn) for _ in range(3)))

    assert {each.attempt for each in anew} == {2}
    assert (await talks.chat(chat.chat_id)).open_turns == 1


async def test_completed_turn_is_not_answered_anew(talks: Talks, chat: Chat) -> None:
    await talks.send(chat.chat_id)
    turn = await talks.begin(chat.chat_id)
    await talks.resources.assistant.answers.end_round(await talks.draft(turn, "Yes."), RoundEnd.DONE, Usage())
    await talks.finish(turn, ENDS[RoundEnd.DONE])

    with pytest.raises(TurnClosed):
        await retry(talks, turn)


@pytest.mark.parametrize(
    ("hours", "waiting", "refusal"), [(1, 0, ChatExpired), (0, 4, TooManyTurns)], ids=["expired", "full"]
)
async def test_turn_is_not_answered_anew_where_a_message_would_be_refused(
    talks: Talks, chat: Chat, hours: int, waiting: int, refusal: type[DecodeError]
) -> None:
    turn = await failed(talks, chat)
    for _ in range(waiting):
        await talks.send(chat.chat_id)

    with pytest.raises(refusal):
        await retry(talks.at(hours=hours), turn)
    assert (await talks.turn(turn.turn_id)).state is TurnState.FAILED
