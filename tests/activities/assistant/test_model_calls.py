"""A call of a model: whatever dies or goes away meanwhile, the answer goes on without gap or repeat or ends by name."""

from contextlib import suppress
from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationError

from activities.assistant import speech
from domain.assistant.language_models import ModelFailed, ModelRefused
from domain.assistant.turn_ends import STOPPED, RoundEnd
from domain.assistant.turns import Usage
from tests.activities.assistant.saying import Saying
from tests.support.scripted_model import END, ScriptedModel

LONG, NONE = timedelta(hours=1), timedelta(0)


@pytest.fixture
def saved_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "SAVE_INTERVAL", NONE)


@pytest.fixture
def saved_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "SAVE_INTERVAL", LONG)


async def test_answer_is_stored_whole_and_redis_has_it_no_more(saying: Saying) -> None:
    saying.model.says("Good ", "mor", "ning ☀", END)

    ended = await saying.start()

    turn = await saying.talks.turn(saying.turn.turn_id)
    assert (ended, turn.answer, turn.parts[0].is_whole) == (RoundEnd.DONE, "Good morning ☀", True)
    assert (turn.model, turn.rounds, turn.usage) == ("scripted", 1, Usage(3, 2))
    assert await saying.texts.read(saying.place) == ""


async def test_model_is_shown_the_chat_up_to_the_question(saying: Saying) -> None:
    saying.model.says("Yes.", END)
    await saying.start()
    await saying.finish(STOPPED)
    await saying.talks.send(saying.turn.chat_id, "Sure?")
    saying.turn = await saying.talks.begin(saying.turn.chat_id)
    saying.model.says(END)

    await saying.start()

    assert [message.text for message in saying.model.asked[1].messages] == ["Good?", "Yes.", "Sure?"]


async def test_round_that_has_ended_is_not_asked_again(saying: Saying) -> None:
    saying.model.says("Yes.", END)

    ended = [await saying.start(), await saying.start()]

    assert (ended, len(saying.model.asked)) == ([RoundEnd.DONE] * 2, 1)


@pytest.mark.usefixtures("saved_at_the_end")
async def test_text_that_only_redis_has_is_continued_after_a_kill(saying: Saying) -> None:
    killed = saying.start()
    saying.model.says("Good ☀ ")
    await saying.wait_said("Good ☀ ")
    await saying.kill(killed)

    again = saying.start()
    saying.model.says("morning")
    await saying.wait_said("Good ☀ morning")
    saying.model.says(END)

    assert await again is RoundEnd.DONE
    assert saying.model.asked[1].begun == "Good ☀ "
    assert saying.seen.decode() == await saying.answer() == "Good ☀ morning"


@pytest.mark.usefixtures("saved_at_once")
async def test_text_that_only_mongo_has_is_continued_after_a_kill(saying: Saying) -> None:
    killed = saying.start()
    saying.model.says("Good ☀ ")
    await saying.wait_said("Good ☀ ")
    await saying.wait_saved("Good ☀ ")
    await saying.kill(killed)
    await saying.forget()

    again = saying.start()
    saying.model.says("morning")
    await saying.wait_said("Good ☀ morning")
    saying.model.says(END)

    assert await again is RoundEnd.DONE
    assert saying.seen.decode() == await saying.answer() == "Good ☀ morning"


@pytest.mark.usefixtures("saved_at_the_end")
async def test_text_that_redis_loses_amid_is_written_whole(saying: Saying) -> None:
    under_way = saying.start()
    saying.model.says("Good ")
    await saying.wait_said("Good ")
    await saying.forget()

    saying.model.says("morning")
    await saying.wait_said("Good morning")
    saying.model.says(END)

    assert await under_way is RoundEnd.DONE
    assert saying.seen.decode() == await saying.answer() == "Good morning"


@pytest.mark.usefixtures("saved_at_the_end")
async def test_worker_that_only_seemed_dead_adds_nothing(saying: Saying) -> None:
    """Not even before the newer one has a word to say."""
    older = saying.start()
    saying.model.says("Good ")
    await saying.wait_said("Good ")
    other = saying.by(ScriptedModel())
    newer = other.start()
    await other.wait_asked()

    saying.model.says("gracious")
    with pytest.raises(ApplicationError, match="overtaken"):
        await older
    between = await saying.texts.read(saying.place)
    other.model.says("morning")
    await other.wait_said("Good morning")
    other.model.says(END)

    assert (between, await newer) == ("Good ", RoundEnd.DONE)
    assert other.seen.decode() == await saying.answer() == "Good morning"


@pytest.mark.usefixtures("saved_at_the_end")
async def test_stop_amid_keeps_what_was_said_in_mongo_alone(saying: Saying) -> None:
    under_way = saying.start()
    saying.model.says("Good ")
    await saying.wait_said("Good ")

    await saying.texts.ask_to_stop(saying.turn.turn_id, saying.turn.attempt)

    assert await under_way is RoundEnd.STOPPED
    assert (await saying.answer(), await saying.texts.read(saying.place)) == ("Good ", "")
    await saying.wait_left()


@pytest.mark.usefixtures("saved_at_once")
async def test_stop_that_only_mongo_knows_is_seen(saying: Saying) -> None:
    under_way = saying.start()
    saying.model.says("Good ")
    await saying.wait_saved("Good ")

    await saying.stop()

    assert await under_way is RoundEnd.STOPPED
    assert await saying.answer() == "Good "


async def test_stop_before_the_first_word_ends_without_one(saying: Saying) -> None:
    under_way = saying.start()
    await saying.wait_asked()

    await saying.texts.ask_to_stop(saying.turn.turn_id, saying.turn.attempt)

    assert await under_way is RoundEnd.STOPPED
    assert await saying.answer() == ""
    await saying.wait_left()


async def test_turn_that_was_to_stop_before_is_not_asked(saying: Saying) -> None:
    await saying.stop()

    assert await saying.start() is RoundEnd.STOPPED
    assert saying.model.asked == []


@pytest.mark.parametrize("failure", [ModelFailed(), None], ids=["fails", "breaks-off"])
async def test_what_a_model_said_before_it_failed_stays_and_is_continued(
    saying: Saying, failure: ModelFailed | None
) -> None:
    saying.model.says("Good ", failure, "morning", END)

    first = await saying.start()
    kept = await saying.answer()
    second = await saying.start()

    assert (first, kept) == (RoundEnd.UNAVAILABLE, "Good ")
    assert (second, await saying.answer()) == (RoundEnd.DONE, "Good morning")
    assert saying.model.asked[1].begun == "Good "


async def test_refusal_of_a_model_is_the_end_of_the_round(saying: Saying) -> None:
    saying.model.says(ModelRefused())

    assert await saying.start() is RoundEnd.REFUSED
    assert await saying.answer() == ""


@pytest.mark.parametrize(
    ("timeout", "said"),
    [("FIRST_BYTE_TIMEOUT", ""), ("SILENCE_TIMEOUT", "Good "), ("CALL_TIMEOUT", "Good ")],
    ids=["no-first-word", "falls-silent", "takes-too-long"],
)
async def test_model_that_is_silent_or_endlessly_slow_has_failed(
    saying: Saying, monkeypatch: pytest.MonkeyPatch, timeout: str, said: str
) -> None:
    monkeypatch.setattr(speech, timeout, timedelta(milliseconds=50))
    saying.model.says(*[said] if said else [])

    assert await saying.start() is RoundEnd.UNAVAILABLE
    assert await saying.answer() == said
    await saying.wait_left()


@pytest.mark.usefixtures("saved_at_the_end")
async def test_word_of_a_slow_model_is_not_kept_back_until_the_next(
    saying: Saying, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speech, "STOP_CHECK_SECONDS", LONG.total_seconds())
    under_way = saying.start()
    saying.model.says("Good ")
    await saying.wait_said("Good ")

    saying.model.says("morning")

    await saying.wait_said("Good morning")
    saying.model.says(END)
    assert await under_way is RoundEnd.DONE


@pytest.mark.parametrize("pieces", [["wörds "] * 50, ["wörds " * 50]], ids=["pieces", "one-piece"])
async def test_endless_answer_is_cut_and_nothing_listens_any_more(saying: Saying, pieces: list[str]) -> None:
    saying.model.facts = saying.model.facts.__class__("scripted", context_tokens=10_000, max_output=2)
    saying.model.says(*pieces)

    assert await saying.start() is RoundEnd.CUT
    assert await saying.answer() == "wörds wörds w"
    await saying.wait_left()


@pytest.mark.usefixtures("saved_at_the_end")
@pytest.mark.parametrize(
    ("is_dropped", "ending"), [(True, RoundEnd.STOPPED), (False, RoundEnd.DONE)], ids=["dropped-amid", "dropped-later"]
)
async def test_answer_in_a_chat_that_is_deleted_amid_ends_and_is_stored_nowhere(
    saying: Saying, is_dropped: bool, ending: RoundEnd
) -> None:
    stores, talks = saying.talks.resources.assistant, saying.talks
    under_way = saying.start()
    saying.model.says("Good ")
    await saying.wait_said("Good ")

    await stores.chats.delete(talks.user_id, saying.turn.chat_id, talks.now)
    if is_dropped:
        await stores.upkeep.drop_chat(saying.turn.chat_id, talks.now)
    saying.model.says("morning", END)
    with suppress(ApplicationError):
        await under_way
    again = await saying.start()
    await saying.finish(STOPPED)
    await stores.upkeep.drop_chat(saying.turn.chat_id, talks.now)

    assert again is ending
    assert await talks.documents(saying.turn.chat_id) == (None, [])
    assert await saying.texts.read(saying.place) == ""
