"""Answers in the store: one turn after the other, one writer at a time, an end that is written once."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from pymongo.errors import PyMongoError

from adapters.crypto.field_cipher import FieldCipher
from adapters.crypto.keys import KeyLabel
from adapters.mongo.assistant import answers
from adapters.mongo.assistant.answers import AnswerStore
from adapters.mongo.assistant.sealed_words import SealedWords
from adapters.mongo.client import open_mongo
from domain.assistant.chats import Chat, EndReason
from domain.assistant.turn_ends import ENDS, STOPPED, TIMED_OUT, UNAVAILABLE, RoundEnd, TurnFailure, TurnState
from domain.assistant.turns import Usage
from domain.assistant.writing import NewerWriter
from domain.journal.occurrences import OccurrenceType
from tests.support.accounts import make_account
from tests.support.keys import RING
from tests.support.occurrences import occurrences_of
from tests.support.talks import Talks

DONE = ENDS[RoundEnd.DONE]


async def ends(talks: Talks, chat: Chat) -> list[tuple[int, str]]:
    """Return which attempts have ended how, as the journal will have it."""
    found = await occurrences_of(talks.resources, chat.chat_id, OccurrenceType.TURN_ENDED)
    return sorted((public["attempt"], public["state"]) for _, public in found)


async def test_oldest_open_turn_is_begun_again_until_it_is_closed(talks: Talks, chat: Chat) -> None:
    first, second = [await talks.send(chat.chat_id) for _ in range(2)]

    begun = [await talks.begin(chat.chat_id) for _ in range(2)]
    await talks.finish(first, DONE)
    after = await talks.begin(chat.chat_id)

    assert [(each.turn_id, each.state) for each in begun] == [(first.turn_id, TurnState.RUNNING)] * 2
    assert after.turn_id == second.turn_id


async def test_chat_without_an_open_turn_has_none_to_begin(talks: Talks, chat: Chat) -> None:
    assert await talks.resources.assistant.answers.begin(chat.chat_id, talks.now) is None


async def test_turn_has_the_answer_that_its_writer_has_written(talks: Talks, chat: Chat) -> None:
    store = talks.resources.assistant.answers
    await talks.send(chat.chat_id)
    turn = await talks.begin(chat.chat_id)
    assert not await store.save(await talks.draft(turn, "Good"))
    half = await talks.turn(turn.turn_id)

    await store.end_round(await talks.draft(turn, "Good ☀"), RoundEnd.DONE, Usage(3, 2))

    whole = await talks.turn(turn.turn_id)
    assert [(each.answer, each.parts[0].is_whole, each.rounds) for each in (half, whole)] == [
        ("Good", False, 0),
        ("Good ☀", True, 1),
    ]
    assert (whole.model, whole.usage) == ("mock", Usage(3, 2))
    taken = await store.take(turn.turn_id, turn.attempt)
    assert taken
    assert taken.rounds == [RoundEnd.DONE]


async def test_older_writer_writes_nothing(talks: Talks, chat: Chat) -> None:
    store = talks.resources.assistant.answers
    await talks.send(chat.chat_id)
    turn = await talks.begin(chat.chat_id)
    older, newer = [await talks.draft(turn, text) for text in ("old", "new")]
    await store.save(newer)

    with pytest.raises(NewerWriter):
        await store.save(older)
    with pytest.raises(NewerWriter):
        await store.end_round(older, RoundEnd.DONE, Usage())
    assert (await talks.turn(turn.turn_id)).answer == "new"


async def test_writer_hears_that_its_user_asked_to_stop_and_so_does_the_next(talks: Talks, chat: Chat) -> None:
    store, messages = talks.resources.assistant.answers, talks.resources.assistant.messages
    await talks.send(chat.chat_id)
    turn = await talks.begin(chat.chat_id)
    draft = await talks.draft(turn, "Good")
    await messages.stop(talks.user_id, turn.turn_id, talks.now)

    assert await store.save(draft)
    assert (await talks.draft(turn, "Good")).turn.stop_asked_at == talks.now


async def test_writer_of_a_closed_turn_or_another_attempt_writes_nothing(talks: Talks, chat: Chat) -> None:
    store = talks.resources.assistant.answers
    await talks.send(chat.chat_id)
    turn = await talks.begin(chat.chat_id)
    draft = await talks.draft(turn, "late")
    await talks.finish(turn, UNAVAILABLE)

    with pytest.raises(NewerWriter):
        await store.save(draft)
    assert await store.take(turn.turn_id, turn.attempt) is None
    await talks.resources.assistant.messages.retry(talks.user_id, turn.turn_id, talks.now)
    await talks.begin(chat.chat_id)
    assert await store.take(turn.turn_id, turn.attempt) is None
    with pytest.raises(NewerWriter):
        await store.save(draft)


async def test_earlier_turns_are_what_a_model_is_shown(talks: Talks, chat: Chat) -> None:
    for text in ("one", "two", "three"):
        await talks.send(chat.chat_id, text)
        turn = await talks.begin(chat.chat_id)
        await talks.finish(turn, DONE)
    await talks.send(chat.chat_id, "later")

    earlier = await talks.resources.assistant.answers.list_earlier(turn)

    assert [each.text for each in earlier] == ["one", "two"]


async def test_end_is_written_once_for_each_attempt(talks: Talks, chat: Chat) -> None:
    await talks.send(chat.chat_id)
    first = await talks.begin(chat.chat_id)
    await asyncio.gather(*(talks.finish(first, UNAVAILABLE) for _ in range(3)))
    await talks.resources.assistant.messages.retry(talks.user_id, first.turn_id, talks.now)
    second = await talks.begin(chat.chat_id)
    await talks.finish(first, STOPPED)
    await talks.finish(second, DONE)
    await talks.finish(second, UNAVAILABLE)

    closed = await talks.turn(first.turn_id)
    assert (closed.state, closed.failure, closed.ended_at) == (TurnState.COMPLETED, None, talks.now)
    assert (await talks.chat(chat.chat_id)).open_turns == 0
    assert await ends(talks, chat) == [(1, "failed"), (2, "completed")]


@pytest.mark.parametrize(
    ("text", "state", "failure"),
    [
        pytest.param("As I", TurnState.COMPLETED, None, id="said-something"),
        pytest.param("", TurnState.FAILED, TurnFailure.MODEL_UNAVAILABLE, id="said-nothing"),
    ],
)
async def test_turn_that_takes_too_long_keeps_what_it_said(
    talks: Talks, chat: Chat, text: str, state: TurnState, failure: TurnFailure | None
) -> None:
    await talks.send(chat.chat_id)
    turn = await talks.begin(chat.chat_id)
    await talks.resources.assistant.answers.save(await talks.draft(turn, text))

    await talks.finish(turn, TIMED_OUT)

    closed = await talks.turn(turn.turn_id)
    assert (closed.state, closed.failure, closed.answer) == (state, failure, text)


async def test_chat_lives_on_from_the_end_of_a_turn(talks: Talks, chat: Chat) -> None:
    turn, later = await talks.send(chat.chat_id), talks.at(minutes=5)

    await later.finish(turn, DONE)

    used = await talks.chat(chat.chat_id)
    assert (used.last_activity_at, used.expires_at) == (later.now, later.now + timedelta(minutes=15))


async def test_end_of_a_turn_revives_no_chat(talks: Talks) -> None:
    idle, evicted = await talks.begin_chats(2)
    turns = [await talks.send(each.chat_id) for each in (evicted, idle)]
    expired = await talks.chat(idle.chat_id)
    for number in range(19):
        await talks.at(minutes=1, seconds=number).begin_chat()
    before = [await talks.chat(each.chat_id) for each in (evicted, idle)]

    for turn in turns:
        await talks.at(minutes=16).finish(turn, DONE)

    after = [await talks.chat(each.chat_id) for each in (evicted, idle)]
    assert before[0].ended_reason is EndReason.EVICTED or before[1].ended_reason is EndReason.EVICTED
    assert [each.expires_at for each in after] == [each.expires_at for each in before]
    assert all(each.end_reason(talks.at(minutes=16).now) for each in after)
    assert [each.open_turns for each in after] == [0, 0]
    assert expired.open_turns == 1


async def test_stop_and_end_at_once_are_one_end(talks: Talks, chat: Chat) -> None:
    turn, messages = await talks.send(chat.chat_id), talks.resources.assistant.messages

    await asyncio.gather(
        talks.finish(turn, DONE), messages.stop(talks.user_id, turn.turn_id, talks.now), return_exceptions=True
    )

    assert (await talks.chat(chat.chat_id)).open_turns == 0
    assert len(await ends(talks, chat)) == 1


async def test_saving_amid_an_answer_waits_for_no_mongo(
    talks: Talks, chat: Chat, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "SAVE_TIMEOUT_SECONDS", 0.1)
    await talks.send(chat.chat_id)
    draft = await talks.draft(await talks.begin(chat.chat_id), "Good")
    away = open_mongo(f"mongodb://127.0.0.1:{closed_port}/")
    words = SealedWords(FieldCipher(RING, KeyLabel.WORDS), "turns")
    askers, closing = talks.resources.assistant.askers, talks.resources.assistant.answers._closing
    store = AnswerStore(away, away["decode"], askers, closing, words)

    assert not await store.try_save(draft, talks.now)

    with pytest.raises(PyMongoError):
        await store.save(draft)
    await away.close()


async def test_turn_is_to_stop_once_the_session_that_has_sent_it_has_ended(talks: Talks, chat: Chat) -> None:
    store, session_id = talks.resources.assistant.answers, (await make_account(talks.resources)).session["_id"]
    await replace(talks, asker_id=session_id).send(chat.chat_id)
    turn = await talks.begin(chat.chat_id)
    draft = await talks.draft(turn, "Good")

    before = await store.try_save(draft, talks.now)
    await talks.resources.auth.sessions.end(session_id, talks.now)

    assert (before, await store.try_save(draft, talks.now)) == (False, True)
    assert await store.is_to_stop(turn, talks.now)


async def test_saving_amid_an_answer_says_who_is_to_stop_and_refuses_an_older_writer(talks: Talks, chat: Chat) -> None:
    store = talks.resources.assistant.answers
    await talks.send(chat.chat_id)
    turn = await talks.begin(chat.chat_id)
    older, newer = [await talks.draft(turn, text) for text in ("old", "new")]

    before = await store.try_save(newer, talks.now)
    await talks.resources.assistant.messages.stop(talks.user_id, turn.turn_id, talks.now)

    assert (before, await store.try_save(newer, talks.now)) == (False, True)
    with pytest.raises(NewerWriter):
        await store.try_save(older, talks.now)
